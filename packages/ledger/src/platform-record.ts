import type { DeliveredTo, Entry, EventFact } from '@holdfast/simulator'
import type { SentEvent, SessionTurn } from './sent-event.ts'

/** The one bot that is judged, on one platform. */
export interface BotIdentity {
  /** Every id under which the record has what the bot did. */
  readonly ids: readonly string[]
  readonly connection: string
}

export type BotIdentities = Readonly<Record<EventFact['platform'], BotIdentity>>

/** What the bot said, as far as it answers something: a command or press by its id while Discord takes that, all else by what it quotes. */
export type Answer =
  | { readonly to: 'event'; readonly key: string }
  | { readonly to: 'quote'; readonly quote: string }

type EventEntry = Extract<Entry, { kind: 'event' }>
type PostEntry = Extract<Entry, { kind: 'post' }>
type SocketEntry = Extract<Entry, { kind: 'socket' }>

/** The bot quotes no more than this of a longer text. */
const QUOTE_LENGTH = 80

/** What people did that the bot is to answer; undefined for all else that the platforms record. */
export function sentEvent(entry: EventEntry, bots: BotIdentities): SentEvent | undefined {
  const { platform, channel = '', user } = entry
  const { ids, connection } = bots[platform]
  const own = entry.deliveredTo.find(({ bot }) => ids.includes(bot))
  const known = identify(entry)
  if (user === undefined || ids.includes(user) || !own || !known) return undefined
  return {
    key: known.key,
    n: entry.n,
    at: entry.at,
    connection,
    ...(known.ordered ? { conversation: `${platform} ${channel}` } : {}),
    quote: quoteIn(platform, channel, known.quote),
    expectsAnswer: true,
    ...onceOn(platform, own),
    ...(known.inHistory ? {} : { unrecorded: true }),
  }
}

/**
 * What was kept for nobody is said to nobody, on both platforms. Slack RTM repeats nothing that it wrote; Discord does,
 * and keeps for a session without a socket what happens meanwhile.
 */
export function onceOn(
  platform: EventFact['platform'],
  { sentCount, bufferedCount }: DeliveredTo,
): Pick<SentEvent, 'once'> {
  if (sentCount + bufferedCount === 0) return { once: 'missed' }
  if (platform === 'slack') return { once: 'written' }
  return sentCount === 0 ? { once: 'kept' } : {}
}

/** What became of all that a Discord session had kept, where the entry tells that. */
export function turnOf(entry: Entry): SessionTurn | undefined {
  if (entry.kind === 'resume' && entry.outcome === 'resumed') return { n: entry.n, lostCount: 0 }
  if (entry.kind === 'session-end') return { n: entry.n, lostCount: entry.lostCount }
  return undefined
}

/** The close code of a socket that just ended: no side said goodbye. */
const ABNORMAL = 1006

/**
 * Whether a socket ended such that what was on its way got lost with it: the process behind it died. Where one side said
 * goodbye there is no excuse, since all that was written comes before the answer to it.
 */
export function isCutOff({ what, code }: SocketEntry): boolean {
  return what === 'closed' && code === ABNORMAL
}

/** What a new message of the bot answers; undefined where it answers nothing. */
export function answerOf({
  platform,
  channel,
  outcome,
  text = '',
  interaction,
}: PostEntry): Answer | undefined {
  if (outcome !== 'created') return undefined
  if (interaction !== undefined) return { to: 'event', key: `${platform} ${interaction}` }
  const quoted = /“(.*)”/s.exec(text)?.[1]
  return quoted === undefined ? undefined : { to: 'quote', quote: quoteIn(platform, channel, quoted) }
}

interface Identity {
  /** The platform's own id, as the bot's diary has it. */
  readonly key: string
  /** What an answer quotes; to a command or press, one that comes too late to name its id. */
  readonly quote: string
  /** It has a place in the order of its channel. */
  readonly ordered: boolean
  /** The platform's history has it, as it has messages. */
  readonly inHistory: boolean
}

function identify(entry: EventEntry): Identity | undefined {
  const { platform, type, channel, id, user, text = '', name = '', message } = entry
  switch (`${platform} ${type}`) {
    case 'slack message':
      return text === ''
        ? undefined
        : { key: `slack ${channel} ${id}`, quote: text, ordered: true, inHistory: true }
    case 'slack reaction_added':
      return { key: `slack ${channel} ${id}`, quote: `:${name}:`, ordered: true, inHistory: false }
    case 'discord MESSAGE_CREATE':
      return text === '' ? undefined : { key: `discord ${id}`, quote: text, ordered: true, inHistory: true }
    case 'discord MESSAGE_REACTION_ADD':
      return { key: `discord ${message} ${user} ${name}`, quote: name, ordered: true, inHistory: false }
    case 'discord INTERACTION_CREATE':
      return { key: `discord ${id}`, quote: text, ordered: false, inHistory: false }
    default:
      return undefined
  }
}

/** What an answer to this text quotes, in its place. */
export function quoteIn(platform: string, channel: string, text: string): string {
  const quote = text.length > QUOTE_LENGTH ? `${beginning(text)}…` : text
  return `${platform} ${channel} “${quote}”`
}

/** As the bot cuts it: never in the middle of an emoji. */
function beginning(text: string): string {
  return text.slice(0, QUOTE_LENGTH - 1).replace(/[\uD800-\uDBFF]$/, '')
}
