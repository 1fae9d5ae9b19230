import type { Entry, EventFact, InteractionFact, Platform, PostFact } from '../facts.ts'
import { given } from '../given.ts'
import type { ChatSource } from './chat-source.ts'
import type { ChatChange, ChatMessage, ChatThread, PagePlatform } from './feed.ts'
import { Kept } from './kept.ts'
import { messageKey, type Place, Places } from './places.ts'

// What a fresh page is told at most. Where there are very many channels, each has fewer.
const MESSAGES_PER_CHANNEL = 200
const MESSAGE_COUNT = 10_000
const THREAD_COUNT = 500
const DEED_COUNT = 500

/** Something that is not what it was. Shown when it is asked for: what changed several times is shown once. */
export interface ChatTouch {
  /** The same for changes of the same thing. */
  readonly key: string
  /** Nothing, where the page does not show it any more. */
  readonly show: () => ChatChange | undefined
}

// Events that a message of their `id` is about. Others are about the channel, or about what is shown anyway.
const MESSAGE_EVENTS = new Set(['message', 'MESSAGE_CREATE', 'MESSAGE_UPDATE', 'MESSAGE_DELETE'])

/**
 * What people see of both platforms, from the entries of the record and the messages that the platforms store. Keeps where
 * the last messages of each channel are, not what is in them: the stores have that whole and as it is now.
 */
export class ChatView {
  readonly #sources: ReadonlyMap<Platform, ChatSource>
  readonly #places: Places
  readonly #threads = new Kept<ChatThread>(THREAD_COUNT)
  readonly #deeds = new Kept<InteractionFact>(DEED_COUNT)

  constructor(sources: readonly ChatSource[]) {
    this.#sources = new Map(sources.map((source) => [source.platform, source]))
    const channelCount = this.platforms().reduce((count, { channels }) => count + channels.length, 1)
    this.#places = new Places(Math.min(MESSAGES_PER_CHANNEL, Math.ceil(MESSAGE_COUNT / channelCount)))
  }

  platforms(): PagePlatform[] {
    return [...this.#sources.values()].map((source) => source.describe())
  }

  /** Another text whenever `platforms` tells of other commands. */
  version(): string {
    return [...this.#sources.values()].map((source) => source.version()).join(' ')
  }

  /** The last messages of each channel, oldest first. */
  messages(): ChatMessage[] {
    return this.#places.all().flatMap((place) => this.#message(place) ?? [])
  }

  threads(): ChatThread[] {
    return this.#threads.all()
  }

  /** The interactions that nobody has answered yet: a page that opens now is told of them after its hello. */
  waiting(): ChatChange[] {
    const facts = this.#deeds.all().filter(({ state }) => state === 'waiting')
    return facts.flatMap((fact) => this.#showInteraction(fact) ?? [])
  }

  /** Whose coming and going people see. */
  isShown(platform: Platform, bot: string): boolean {
    return this.#sources.get(platform)?.botId === bot
  }

  /** Takes an entry in and answers what changed by it. To be called for every entry, in order, whoever looks on. */
  note(entry: Entry): ChatTouch[] {
    switch (entry.kind) {
      case 'event':
        return this.#event(entry)
      case 'post':
        return this.#post(entry)
      case 'interaction':
        return this.#interaction(entry)
      default:
        return []
    }
  }

  #event(event: EventFact): ChatTouch[] {
    const { platform, type, channel: lane, id, message } = event
    if (lane === undefined) return []
    if (type === 'THREAD_CREATE') return this.#thread(platform, lane, id ?? '')
    if (message !== undefined) return this.#touch(platform, lane, message)
    if (id === undefined || !MESSAGE_EVENTS.has(type)) return []
    if (type === 'message' || type === 'MESSAGE_CREATE') this.#take(platform, lane, id, this.#reachOf(event))
    return [...this.#thread(platform, lane, id), ...this.#touch(platform, lane, id)]
  }

  #post({ platform, channel: lane, id, interaction, outcome }: PostFact): ChatTouch[] {
    const deed = interaction === undefined ? undefined : this.#deeds.get(interaction)
    if (outcome === 'created' && deed) {
      this.#take(platform, lane, id, { interaction: { user: deed.user, what: deed.what } })
    }
    return this.#touch(platform, lane, id)
  }

  #interaction(fact: InteractionFact): ChatTouch[] {
    this.#deeds.put(fact.id, fact)
    return [{ key: `interaction ${fact.id}`, show: () => this.#showInteraction(fact) }]
  }

  #showInteraction(fact: InteractionFact): ChatChange | undefined {
    const { platform, channel: lane, id, askedAt: at, user, what, message, state } = fact
    const channel = this.#sources.get(platform)?.channelOf(lane)
    if (channel === undefined) return undefined
    const thread = lane === channel ? undefined : lane
    const interaction = given({ platform, channel, thread, id, at, user, what, message, state })
    return { what: 'interaction', interaction }
  }

  /** A message that the page did not know, if it is one: Slack's `message` also tells of changes, which have no message. */
  #take(platform: Platform, lane: string, id: string, known: Pick<Place, 'reach' | 'interaction'>): void {
    const source = this.#sources.get(platform)
    const channel = source?.channelOf(lane)
    const isMessage = 'interaction' in known || source?.has(lane, id)
    if (channel !== undefined && isMessage) this.#places.put({ platform, channel, lane, id, ...known })
  }

  #touch(platform: Platform, lane: string, id: string): ChatTouch[] {
    const channel = this.#sources.get(platform)?.channelOf(lane)
    if (channel === undefined) return []
    const place = { platform, channel, lane, id }
    return [{ key: messageKey(place), show: () => this.#show(place) }]
  }

  #thread(platform: Platform, lane: string, id: string): ChatTouch[] {
    const thread = this.#sources.get(platform)?.threadOf(lane, id)
    const key = `thread ${platform} ${thread?.channel} ${thread?.id}`
    if (!thread || this.#threads.get(key)) return []
    this.#threads.put(key, thread)
    return [{ key, show: () => ({ what: 'thread', thread }) }]
  }

  #show(at: Pick<Place, 'platform' | 'channel' | 'lane' | 'id'>): ChatChange | undefined {
    const place = this.#places.find(at)
    if (!place) return undefined
    const message = this.#message(place)
    if (message) return { what: 'message', message }
    const { platform, channel, id } = place
    return { what: 'deleted', platform, channel, id }
  }

  #message({ platform, lane, id, reach, interaction }: Place): ChatMessage | undefined {
    const stored = this.#sources.get(platform)?.message(lane, id)
    return stored && { ...stored, ...given({ interaction, reach: stored.author.bot ? undefined : reach }) }
  }

  #reachOf({ platform, deliveredTo }: EventFact): Pick<Place, 'reach'> {
    const botId = this.#sources.get(platform)?.botId
    const delivered = deliveredTo.find(({ bot }) => bot === botId)
    if (!delivered) return {}
    if (delivered.sentCount > 0) return { reach: 'sent' }
    return { reach: delivered.bufferedCount > 0 ? 'kept' : 'missed' }
  }
}
