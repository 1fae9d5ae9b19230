import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, ProblemError } from '@holdfast/runtime'

/** A JSON object as a platform sends it. */
export type Payload = Readonly<Record<string, unknown>>

/** A recorded payload, ready to be sent once. */
export type CorpusPayload =
  | { readonly platform: 'slack'; readonly type: string; readonly frame: Payload }
  | { readonly platform: 'discord'; readonly type: string; readonly data: Payload }

/** The field that carries the sender's name for a payload through everything. */
export const KEY_FIELD = 'holdfast_check'

const FILES = { slack: 'slack-rtm.jsonl', discord: 'discord-dispatch.jsonl' } as const

/** About the socket or the session, or sent by the platform itself when a session begins. */
const NOT_REPLAYED = new Set([
  ...['hello', 'goodbye', 'error', 'pong', 'reconnect_url', 'team_migration_started'],
  ...['READY', 'RESUMED', 'GUILD_CREATE', 'GUILD_DELETE', 'GUILD_MEMBERS_CHUNK'],
])

export interface Corpus {
  readonly folder: string
  readonly payloads: readonly CorpusPayload[]
}

/** Payloads of both transports that are events with an identity, from the first of `folders` that holds any. */
export function readCorpus(folders: readonly string[]): Corpus {
  const folder = folders.find((each) => Object.values(FILES).every((file) => existsSync(join(each, file))))
  if (folder === undefined) {
    throw new ProblemError(
      'no-payloads',
      `no payloads to replay in ${folders.join(' or ')}; restore the folder`,
    )
  }
  const frames = readLines(join(folder, FILES.slack)).flatMap(readFrame)
  const dispatches = readLines(join(folder, FILES.discord)).flatMap(readDispatch)
  return { folder, payloads: [...frames, ...dispatches] }
}

function readLines(file: string): unknown[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean)
  return lines.map((line) => JSON.parse(line) as unknown)
}

/** A frame without a stamp is left out: nothing identifies it, so no promise is made about it. */
function readFrame(value: unknown): CorpusPayload[] {
  if (!isPayload(value) || typeof value.type !== 'string' || NOT_REPLAYED.has(value.type)) return []
  const stamped = typeof value.ts === 'string' || typeof value.event_ts === 'string'
  return stamped ? [{ platform: 'slack', type: value.type, frame: value }] : []
}

function readDispatch(value: unknown): CorpusPayload[] {
  if (!isPayload(value) || typeof value.t !== 'string' || NOT_REPLAYED.has(value.t)) return []
  return isPayload(value.d) ? [{ platform: 'discord', type: value.t, data: value.d }] : []
}

function isPayload(value: unknown): value is Payload {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const DISCORD_EPOCH_MS = 1_420_070_400_000
/** Payloads that are identified by their own `id`; others by their place in the session. */
const IDENTIFIED_BY_ID = new Set(['MESSAGE_CREATE', 'INTERACTION_CREATE'])

/** Gives payloads identities that were never sent before, as the platforms do for every new fact. */
export class FreshIdentities {
  readonly #clock: Clock
  #count = 0

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** The same payload as another fact, named `key`. Nothing else of it changes. */
  renew(payload: CorpusPayload, key: string): CorpusPayload {
    this.#count += 1
    if (payload.platform === 'slack')
      return { ...payload, frame: { ...this.#stamped(payload.frame), [KEY_FIELD]: key } }
    const id = IDENTIFIED_BY_ID.has(payload.type) ? { id: this.#snowflake() } : {}
    return { ...payload, data: { ...payload.data, ...id, [KEY_FIELD]: key } }
  }

  #stamped(frame: Payload): Payload {
    const stamp = this.#stamp()
    return {
      ...frame,
      ...(typeof frame.ts === 'string' ? { ts: stamp } : {}),
      ...(typeof frame.event_ts === 'string' ? { event_ts: stamp } : {}),
    }
  }

  #stamp(): string {
    const seconds = Math.floor(this.#clock.wallAt() / 1_000)
    return `${seconds}.${String(this.#count).padStart(6, '0')}`
  }

  #snowflake(): string {
    const since = BigInt(Math.floor(this.#clock.wallAt()) - DISCORD_EPOCH_MS)
    return String((since << 22n) + BigInt(this.#count))
  }
}

/** The conversation whose order counts for a payload, as its platform names it; undefined where it belongs to none. */
export function conversationOf(payload: CorpusPayload): string | undefined {
  if (payload.platform === 'slack') {
    const item = isPayload(payload.frame.item) ? payload.frame.item.channel : undefined
    const channel = payload.frame.channel ?? item
    return typeof channel === 'string' ? `slack ${channel}` : undefined
  }
  // Interactions have slots of their own, so that a button answers within three seconds whatever waits before it.
  if (payload.type === 'INTERACTION_CREATE' || typeof payload.data.channel_id !== 'string') return undefined
  return `discord ${payload.data.channel_id}`
}
