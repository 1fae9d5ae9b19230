import { asObject, type JsonObject, parseObject } from '../json.ts'
import { memberTexts } from '../json-members.ts'

/** A frame of the Discord gateway, read as far as a shard needs it. Source: docs.discord.com/developers/events/gateway-events */
export type DiscordFrame =
  /** Op 0. `dataText` is the raw text of `d`, byte for byte. */
  | {
      readonly kind: 'dispatch'
      readonly type: string
      readonly sequence: number
      readonly dataText: string
    }
  /** Op 1 from Discord: answer with a heartbeat at once. */
  | { readonly kind: 'heartbeatRequest' }
  /** Op 7 */
  | { readonly kind: 'reconnect' }
  /** Op 9 */
  | { readonly kind: 'invalidSession'; readonly resumable: boolean }
  /** Op 10 */
  | { readonly kind: 'hello'; readonly heartbeatIntervalMs: number }
  /** Op 11 */
  | { readonly kind: 'heartbeatAcknowledged' }
  /** An op this version does not know: a sign of life, nothing more. */
  | { readonly kind: 'unknown'; readonly op: number }
  /** Not a frame. `problem` is one line without any of its text. */
  | { readonly kind: 'malformed'; readonly problem: string }

/** The order in which Discord writes a dispatch today. Undocumented, so it is verified on each frame before it is used. */
const DISPATCH_HEAD = /^\{"t":"([A-Z0-9_]+)","s":(0|[1-9]\d{0,14}),"op":0,"d":/

/** Discord's is some 40 s. At a garbled one a shard would do nothing but send heartbeats, or notice nothing for days. */
const SHORTEST_INTERVAL_MS = 100
const LONGEST_INTERVAL_MS = 3_600_000

/**
 * Reads one text frame; never throws. A dispatch in Discord's usual key order is read by its head alone, without
 * parsing `d`; every other order goes through a full parse and gives the same result.
 */
export function readDiscordFrame(text: string): DiscordFrame {
  return readDispatchHead(text) ?? readWholeFrame(text)
}

function readDispatchHead(text: string): DiscordFrame | undefined {
  const head = DISPATCH_HEAD.exec(text)
  if (!head?.[1] || !head[2] || !text.endsWith('}')) return undefined
  const dataText = text.slice(head[0].length, -1)
  if (!closesAsItOpens(dataText)) return undefined
  return { kind: 'dispatch', type: head[1], sequence: Number(head[2]), dataText }
}

/** Catches a member after `d`, should Discord ever add one: then `d` no longer reaches to the end of the frame. */
function closesAsItOpens(dataText: string): boolean {
  const last = dataText.at(-1)
  if (dataText.startsWith('{')) return last === '}'
  if (dataText.startsWith('[')) return last === ']'
  return false
}

function readWholeFrame(text: string): DiscordFrame {
  const frame = parseObject(text)
  if (!frame) return malformed('it is not a JSON object')
  if (typeof frame.op !== 'number') return malformed('its op is not a number')
  return readByOp(frame.op, frame, text)
}

function readByOp(op: number, frame: JsonObject, text: string): DiscordFrame {
  switch (op) {
    case 0:
      return readDispatch(frame, text)
    case 1:
      return { kind: 'heartbeatRequest' }
    case 7:
      return { kind: 'reconnect' }
    case 9:
      return { kind: 'invalidSession', resumable: frame.d === true }
    case 10:
      return readHello(frame.d)
    case 11:
      return { kind: 'heartbeatAcknowledged' }
    default:
      return { kind: 'unknown', op }
  }
}

function readDispatch(frame: JsonObject, text: string): DiscordFrame {
  const dataText = memberTexts(text)?.get('d')
  if (typeof frame.t !== 'string') return malformed('a dispatch whose t is not text')
  if (typeof frame.s !== 'number' || !Number.isSafeInteger(frame.s))
    return malformed('a dispatch whose s is not a whole number')
  if (dataText === undefined) return malformed('a dispatch without d')
  return { kind: 'dispatch', type: frame.t, sequence: frame.s, dataText }
}

function readHello(d: unknown): DiscordFrame {
  const intervalMs = asObject(d)?.heartbeat_interval
  if (typeof intervalMs !== 'number' || intervalMs < SHORTEST_INTERVAL_MS || intervalMs > LONGEST_INTERVAL_MS)
    return malformed('a hello without a heartbeat_interval to live by')
  return { kind: 'hello', heartbeatIntervalMs: intervalMs }
}

function malformed(problem: string): DiscordFrame {
  return { kind: 'malformed', problem }
}
