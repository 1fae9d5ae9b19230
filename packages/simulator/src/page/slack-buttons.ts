import type { ChatButton } from './feed.ts'

/** The buttons of a message's blocks that make an interaction: of `actions` blocks, and accessories of sections. */
export function slackButtonsIn(blocks: unknown): ChatButton[] {
  if (!Array.isArray(blocks)) return []
  return blocks
    .flatMap((block: unknown) => elementsOf(fieldsOf(block)))
    .flatMap((element) => readButton(element))
}

type Fields = Readonly<Record<string, unknown>>

function elementsOf({ type, elements, accessory }: Fields): Fields[] {
  if (type === 'actions') return Array.isArray(elements) ? elements.map(fieldsOf) : []
  return type === 'section' ? [fieldsOf(accessory)] : []
}

/** A button with a URL opens a page and is none of ours. Source: docs.slack.dev, Block Kit, Button element. */
function readButton({ type, action_id: actionId, text, style, url }: Fields): ChatButton[] {
  if (type !== 'button' || url !== undefined) return []
  const label = fieldsOf(text).text
  if (typeof label !== 'string') return []
  const customId = typeof actionId === 'string' ? actionId : label
  return [{ customId, label, style: style === 'primary' || style === 'danger' ? style : 'secondary' }]
}

function fieldsOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {}
}
