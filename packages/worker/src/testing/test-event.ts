import {
  EVENT_VERSION,
  type EventAttributes,
  encodeEvent,
  type HoldfastEvent,
  type OutgoingEvent,
  type Reading,
  readDiscordDispatch,
  readSlackInteractive,
  readSlackRtmFrame,
  readSlackSlashCommand,
} from '@holdfast/events'
import type { EventData, EventType } from '../event-data.ts'

/** An event to deliver: its type and what matters of the payload; the rest is filled in, as a gateway reads it from the payload. */
export type TestEvent<Type extends string> = Partial<Omit<HoldfastEvent, 'type' | 'data'>> & {
  readonly type: Type
  readonly data: Type extends EventType ? Part<EventData[Type]> : unknown
}

/** Any of its fields, at any depth. */
type Part<Value> = Value extends object ? { readonly [Key in keyof Value]?: Part<Value[Key]> } : Value

/** Where the events of a bench come from, unless a test says otherwise. */
const ORIGIN = { connection: 'test', bot: 'A0TEST', delivery: 'live', teamId: 'T0TEST' } as const

/** One event of a bench, as the gateway would put it on the queue and as a handler reads it. */
export interface FilledEvent {
  readonly event: HoldfastEvent
  readonly outgoing: OutgoingEvent
}

/**
 * The event with everything that a test leaves out: conversation, actor and time are read from the payload as a gateway
 * does it. What the test gives comes before that. `number` makes its id (`test.1`), and `at` is when it came.
 */
export function fillIn(given: TestEvent<string>, number: number, at: number): FilledEvent {
  const { data, ...attributes } = given
  const read = readAs(given.type, data, number, at)
  const filled: EventAttributes = {
    ...plain(given.type, at),
    ...read?.attributes,
    id: `test.${number}`,
    ...attributes,
  }
  const event = { ...filled, data: read?.data ?? data }
  const { id, type, subject, actor, delivery } = event
  const outgoing = {
    id,
    type,
    ...(subject === undefined ? {} : { subject }),
    ...(actor === undefined ? {} : { actor }),
    delivery,
    dedupeWindowMs: 3_600_000,
    interactive: read?.interactive ?? false,
    text: encodeEvent(filled, JSON.stringify(event.data ?? null)),
  }
  return { event, outgoing }
}

function plain(type: string, at: number): EventAttributes {
  const [platform = 'slack'] = (['slack', 'discord', 'holdfast'] as const).filter((name) =>
    type.startsWith(`${name}.`),
  )
  return {
    specversion: '1.0',
    id: '',
    source: platform === 'discord' ? '/discord/test/0' : `/${platform}/test`,
    type,
    datacontenttype: 'application/json',
    hfversion: EVENT_VERSION,
    platform,
    connection: ORIGIN.connection,
    receivedat: new Date(at).toISOString(),
    delivery: ORIGIN.delivery,
  }
}

/** Undefined where the gateway would make no event of it, as of one of a type that is made up. */
function readAs(type: string, data: unknown, number: number, at: number) {
  const reading = read(type, data, number, at)
  if (reading?.kind !== 'event' && reading?.kind !== 'ephemeral') return undefined
  const { data: payload, ...attributes } = JSON.parse(reading.event.text) as HoldfastEvent
  return { attributes, data: payload, interactive: reading.event.interactive }
}

function read(type: string, data: unknown, number: number, receivedAt: number): Reading | undefined {
  const origin = { ...ORIGIN, receivedAt, nonce: String(number) }
  const [platform = '', ...rest] = type.split('.')
  const name = rest.join('.')
  if (platform === 'discord') {
    const dispatch = { type: name, sequence: number, dataText: JSON.stringify(data ?? null) }
    return readDiscordDispatch(dispatch, { ...origin, shard: 0, sessionId: 'test' })
  }
  if (platform !== 'slack') return undefined
  const fields = typeof data === 'object' ? data : {}
  if (type === 'slack.slash_commands') {
    return readSlackSlashCommand(JSON.stringify({ command: '/test', ...fields }), origin)
  }
  if (rest[0] === 'interactive') {
    return readSlackInteractive(JSON.stringify({ type: rest.slice(1).join('.'), ...fields }), origin)
  }
  return readSlackRtmFrame(JSON.stringify({ type: name, ...fields }), origin)
}
