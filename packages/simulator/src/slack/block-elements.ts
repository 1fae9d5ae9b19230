/** An interactive element of a message's blocks, with the id of its block. */
export interface BlockElement {
  readonly blockId: string
  readonly element: Fields
}

type Fields = Readonly<Record<string, unknown>>

// What a choice of each kind of menu is called. Source: docs.slack.dev, Block Kit, Block elements.
const CHOICES: Readonly<Record<string, string>> = {
  static_select: 'selected_option',
  overflow: 'selected_option',
  radio_buttons: 'selected_option',
  users_select: 'selected_user',
  channels_select: 'selected_channel',
  conversations_select: 'selected_conversation',
  datepicker: 'selected_date',
  timepicker: 'selected_time',
}

/** The element of an action id, in an `actions` block or beside a section. */
export function findElement(blocks: unknown, actionId: string): BlockElement | undefined {
  const all = Array.isArray(blocks) ? blocks.map(fieldsOf) : []
  const found = all.flatMap((block, index) => {
    const blockId = typeof block.block_id === 'string' ? block.block_id : `block-${index + 1}`
    return elementsOf(block).map((element) => ({ blockId, element }))
  })
  return found.find(({ element }) => element.action_id === actionId)
}

/** The member of `actions` for a press on an element, or the choice of `value` from it; undefined where it has none such. */
export function actionOf({ blockId, element }: BlockElement, ts: string, value?: string): Fields | undefined {
  const { type, action_id, text, style, options } = element
  const about = { action_id, block_id: blockId, type, action_ts: ts }
  if (type === 'button') return { ...about, text, value: element.value, style }
  const choice = CHOICES[String(type)]
  if (choice === undefined || value === undefined) return undefined
  if (choice !== 'selected_option') return { ...about, [choice]: value }
  const option = Array.isArray(options) ? options.map(fieldsOf).find((one) => one.value === value) : undefined
  return option && { ...about, [choice]: option }
}

/** What people see of an element: its label, or what it is called. */
export function labelOf({ element }: BlockElement): string {
  const label = fieldsOf(element.text ?? element.placeholder).text
  return typeof label === 'string' ? label : String(element.action_id)
}

function elementsOf({ type, elements, accessory }: Fields): readonly Fields[] {
  if (type === 'actions') return Array.isArray(elements) ? elements.map(fieldsOf) : []
  return accessory === undefined ? [] : [fieldsOf(accessory)]
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
