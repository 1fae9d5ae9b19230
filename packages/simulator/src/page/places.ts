import type { Platform } from '../facts.ts'
import type { ChatMessage } from './feed.ts'
import { Kept } from './kept.ts'

/** Where a message of the page is to be found, and what the record told of it beside its content. */
export interface Place {
  readonly platform: Platform
  /** The channel in which the page shows it. */
  readonly channel: string
  /** Where its platform files it: a channel, or a Discord thread. */
  readonly lane: string
  readonly id: string
  readonly reach?: ChatMessage['reach']
  readonly interaction?: ChatMessage['interaction']
}

/** The places of the last messages of each channel, oldest first. */
export class Places {
  readonly #bound: number
  readonly #byChannel = new Map<string, Kept<Place>>()

  constructor(messagesPerChannel: number) {
    this.#bound = messagesPerChannel
  }

  find(place: Pick<Place, 'platform' | 'channel' | 'lane' | 'id'>): Place | undefined {
    return this.#byChannel.get(channelKey(place))?.get(messageKey(place))
  }

  /** Takes it up, or adds to what is known of it. The oldest of the channel gives way. */
  put(place: Place): void {
    const places = this.#byChannel.get(channelKey(place)) ?? new Kept<Place>(this.#bound)
    this.#byChannel.set(channelKey(place), places)
    const key = messageKey(place)
    places.put(key, { ...places.get(key), ...place })
  }

  all(): Place[] {
    return [...this.#byChannel.values()].flatMap((places) => places.all())
  }
}

/** Names a message over both platforms. */
export function messageKey({ platform, lane, id }: Pick<Place, 'platform' | 'lane' | 'id'>): string {
  return `${platform} ${lane} ${id}`
}

function channelKey({ platform, channel }: Pick<Place, 'platform' | 'channel'>): string {
  return `${platform} ${channel}`
}
