import { asObject, parseObject } from '../json.ts'

/** A frame of Slack RTM, read as far as a connection needs it. Source: docs.slack.dev/legacy/legacy-rtm-api */
export type RtmFrame =
  | { readonly kind: 'hello' }
  /** Slack will close the socket soon. */
  | { readonly kind: 'goodbye' }
  | { readonly kind: 'pong'; readonly id: number }
  /** The answer to something we sent; no event. */
  | { readonly kind: 'reply' }
  /** Slack refuses the connection, e.g. because the address was used before. */
  | { readonly kind: 'error'; readonly code: number | undefined; readonly message: string }
  | { readonly kind: 'event' }
  /** Not a frame. `problem` is one line without any of its text. */
  | { readonly kind: 'malformed'; readonly problem: string }

/** Reads one text frame; never throws. */
export function readRtmFrame(text: string): RtmFrame {
  const frame = parseObject(text)
  if (!frame) return { kind: 'malformed', problem: 'it is not a JSON object' }
  if (frame.type === 'pong') return readPong(frame.reply_to)
  if (frame.reply_to !== undefined) return { kind: 'reply' }
  switch (frame.type) {
    case 'hello':
      return { kind: 'hello' }
    case 'goodbye':
      return { kind: 'goodbye' }
    case 'error':
      return readError(frame.error)
    default:
      return typeof frame.type === 'string'
        ? { kind: 'event' }
        : { kind: 'malformed', problem: 'it has no type' }
  }
}

function readPong(replyTo: unknown): RtmFrame {
  return typeof replyTo === 'number'
    ? { kind: 'pong', id: replyTo }
    : { kind: 'malformed', problem: 'a pong without reply_to' }
}

function readError(error: unknown): RtmFrame {
  const { code, msg } = asObject(error) ?? {}
  return {
    kind: 'error',
    code: typeof code === 'number' ? code : undefined,
    message: typeof msg === 'string' ? msg : 'no reason given',
  }
}
