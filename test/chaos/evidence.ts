import {
  type DiaryLine,
  type Evidence,
  isCutOff,
  onceOn,
  type SentEvent,
  turnOf,
  type Unheard,
} from '@holdfast/ledger'
import type { Entry } from '@holdfast/simulator'
import { type ConnectionName, SHARD_COUNT } from './connections.ts'
import { answeredBy, expectsAnswer, leavesLane, readSaid, type Said } from './numbered.ts'
import { Redeliveries } from './redeliveries.ts'
import { Tickets } from './tickets.ts'

type EntryOf<Kind extends Entry['kind']> = Extract<Entry, { kind: Kind }>

/** Unix milliseconds. */
export interface Span {
  readonly fromAt: number
  readonly toAt: number
}

/** All that is known of a run: the simulator's record, the diaries of the handlers, and whom the scenario killed. */
export interface Observed {
  readonly record: readonly Entry[]
  readonly diary: readonly DiaryLine[]
  readonly killedAt: ReadonlyMap<number, number>
  /** The user id of the bot behind each connection. */
  readonly bots: Readonly<Record<ConnectionName, string>>
  /** The guild of each Discord channel. */
  readonly guilds: ReadonlyMap<string, string>
  /** Keys of the events that lie among the dead letters. */
  readonly deadLetters: ReadonlySet<string>
  /** What a socket of RTM was given in the second before it was cut without a goodbye counts as never read. */
  readonly excusesCutOff: boolean
  /** When a gateway stood still with its sockets open. What RTM was given then counts as never read. */
  readonly frozen: readonly Span[]
  /** Which workers could not reach Redis, and when. */
  readonly unheard: readonly Unheard[]
}

/** An event of the stage. */
export interface ChaosEvent extends SentEvent {
  readonly said: Said
  /** The platform itself gave it no place in an order, see `Redeliveries`; or its handler leaves it. */
  readonly isUnordered: boolean
}

/** What the platform sent on a connection, in order, but for dead letters, which nobody is to handle. */
export function sentOn(connection: ConnectionName, observed: Observed): readonly ChaosEvent[] {
  const bot = observed.bots[connection]
  const redeliveries = connection === 'socket' ? new Redeliveries(bot, observed.record) : undefined
  const tickets = connection === 'rtm' ? new Tickets(bot, observed.record) : undefined
  return observed.record.flatMap((entry) => {
    if (entry.kind !== 'event' || entry.user === undefined) return []
    const said = didOf(entry)
    const own = entry.deliveredTo.find((each) => each.bot === bot)
    if (!said || !own) return []
    const isForgotten =
      redeliveries?.wasGivenUp(entry) === true ||
      (own.sentCount === 0 && tickets?.handedOver(entry.n) === false)
    const isUnordered = leavesLane(said) || (redeliveries?.isUnordered(entry) ?? false)
    const event = {
      key: `${connection} ${nameOf(entry)}`,
      n: entry.n,
      at: entry.at,
      connection: unitOf(connection, entry, observed.guilds),
      expectsAnswer: expectsAnswer(said),
      ...(isUnordered ? {} : { conversation: `${connection} ${entry.channel}` }),
      ...(isForgotten ? { once: 'missed' as const } : onceOf(connection, own)),
      ...(entry.message === undefined ? {} : { unrecorded: true as const }),
      said,
      isUnordered,
    }
    return observed.deadLetters.has(event.key) ? [] : [event]
  })
}

/** What people did in the stream, or a scenario did; a reaction is only to be noted, and a press judged by its scenario. */
function didOf({ text = '', message, type }: EntryOf<'event'>): Said | undefined {
  if (message === undefined) return readSaid(text)
  return /reaction/i.test(type) ? { number: 0, mode: 'note' } : undefined
}

/** As the diary calls it. */
function nameOf({ text = '', message, user }: EntryOf<'event'>): string {
  return message === undefined ? text : `react ${message} ${user}`
}

/** The evidence of one connection alone. */
export function evidenceOf(connection: ConnectionName, observed: Observed): Evidence {
  const { diary, record, bots } = observed
  const bot = bots[connection]
  const isOwn = (name: string) => name === connection || name.startsWith(`${connection}/`)
  return {
    sent: sentOn(connection, observed),
    diary: diary.filter((line) =>
      line.what === 'gap' ? isOwn(line.connection) : line.key.startsWith(`${connection} `),
    ),
    cutOffs: cutOffsOf(connection, observed),
    turns: connection === 'discord' ? turnsOf(bot, record) : [],
    answers: withoutDead(answersOf(connection, bot, record), observed.deadLetters),
    killedAt: killedAt(observed),
    unheard: observed.unheard,
  }
}

export function ofKind<Kind extends Entry['kind']>(
  record: readonly Entry[],
  kind: Kind,
): readonly EntryOf<Kind>[] {
  return record.filter((entry): entry is EntryOf<Kind> => entry.kind === kind)
}

/** Socket Mode repeats what was not acknowledged. */
function onceOf(
  connection: ConnectionName,
  delivered: EntryOf<'event'>['deliveredTo'][number],
): Pick<SentEvent, 'once'> {
  if (connection !== 'socket') return onceOn(connection === 'rtm' ? 'slack' : 'discord', delivered)
  return delivered.sentCount + delivered.bufferedCount === 0 ? { once: 'missed' } : {}
}

/** What a gap is announced for: a Slack connection, or one shard. */
function unitOf(
  connection: ConnectionName,
  { channel = '' }: EntryOf<'event'>,
  guilds: Observed['guilds'],
): string {
  if (connection !== 'discord') return connection
  return `discord/${(BigInt(guilds.get(channel) ?? 0) >> 22n) % BigInt(SHARD_COUNT)}`
}

const SECOND_MS = 1_000

/** A cut-off stands for the second before it; a time of standing still is one after the other. */
function cutOffsOf(
  connection: ConnectionName,
  { record, bots, excusesCutOff, frozen }: Observed,
): Evidence['cutOffs'] {
  const cut = ofKind(record, 'socket').filter((entry) => entry.bot === bots[connection] && isCutOff(entry))
  const still = frozen.flatMap(({ fromAt, toAt }) =>
    Array.from({ length: Math.ceil((toAt - fromAt) / SECOND_MS) }, (_, n) => toAt - n * SECOND_MS),
  )
  return [...(excusesCutOff ? cut.map(({ at }) => at) : []), ...still].map((at) => ({ connection, at }))
}

function turnsOf(bot: string, record: readonly Entry[]): Evidence['turns'] {
  const shards = new Map(ofKind(record, 'identify').map(({ session, shard }) => [session, shard?.[0] ?? 0]))
  return record.flatMap((entry) => {
    if (entry.kind !== 'resume' && entry.kind !== 'session-end') return []
    const turn = entry.bot === bot ? turnOf(entry) : undefined
    return turn ? [{ connection: `discord/${shards.get(entry.session)}`, ...turn }] : []
  })
}

function answersOf(
  connection: ConnectionName,
  bot: string,
  record: readonly Entry[],
): ReadonlyMap<string, number> {
  const answers = new Map<string, number>()
  for (const { outcome, text = '', ...post } of ofKind(record, 'post')) {
    const answered = post.bot === bot && outcome === 'created' ? answeredBy(text) : undefined
    if (answered === undefined) continue
    const key = `${connection} ${answered}`
    answers.set(key, (answers.get(key) ?? 0) + 1)
  }
  return answers
}

/** What lies among the dead letters may have been answered before, once. */
function withoutDead(
  answers: ReadonlyMap<string, number>,
  dead: ReadonlySet<string>,
): ReadonlyMap<string, number> {
  const counts = [...answers].map(([key, count]) => [key, dead.has(key) ? count - 1 : count] as const)
  return new Map(counts.filter(([, count]) => count > 0))
}

/** Whoever begins a message that crashes its process dies at that instant. */
function killedAt({ diary, killedAt: byScenario }: Observed): ReadonlyMap<number, number> {
  const all = new Map(byScenario)
  for (const line of diary) {
    if (line.what === 'begin' && line.key.endsWith(' crash')) all.set(line.pid, line.at)
  }
  return all
}
