/** A button below a message, as its author gave it. Source: docs.discord.com, Component Reference, Button. */
export interface DiscordButton {
  readonly customId: string
  readonly label: string
  /** 1 primary, 2 secondary, 3 success, 4 danger. */
  readonly style: number
}

const BUTTON = 2

/** All buttons of a message that make an interaction when pressed (links do not), in order, however deep they lie. */
export function buttonsIn(components: readonly unknown[]): DiscordButton[] {
  return components.flatMap((component) => {
    if (typeof component !== 'object' || component === null) return []
    const fields = component as Readonly<Record<string, unknown>>
    if (fields.type !== BUTTON) return Array.isArray(fields.components) ? buttonsIn(fields.components) : []
    const { custom_id: customId, label, style } = fields
    if (typeof customId !== 'string') return []
    return [
      {
        customId,
        label: typeof label === 'string' ? label : customId,
        style: typeof style === 'number' ? style : 2,
      },
    ]
  })
}
