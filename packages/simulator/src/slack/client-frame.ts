/** A JSON object that a client sent over a websocket. */
export type ClientFrame = Readonly<Record<string, unknown>>

/** Undefined for what is no JSON object: Slack ignores it. */
export function parseFrame(text: string): ClientFrame | undefined {
  try {
    const frame: unknown = JSON.parse(text)
    return typeof frame === 'object' && frame !== null ? (frame as ClientFrame) : undefined
  } catch {
    return undefined
  }
}
