import type { HoldfastEvent } from '@holdfast/events'
import { NonRetryableError, PlatformWaitError, TokenError } from '../errors.ts'
import { fieldsOf } from '../payload.ts'
import { type PostReply, type ReplyCall, refuseUnanswerable } from '../reply.ts'
import type { DiscordMessage, ReplyMessage, ReplyResult, SlackMessage } from '../reply-message.ts'

/** A reply as the platform would have got it. */
export interface RecordedReply {
  /** Of the event that is answered. */
  readonly eventId: string
  readonly platform: HoldfastEvent['platform']
  /** Where it happened, or the channel of `to`; undefined where it names none. */
  readonly channel: string | undefined
  /** `text` of a Slack message, `content` of a Discord message. */
  readonly text: string
  readonly message: SlackMessage | DiscordMessage
}

/** How a platform fails. */
export interface ReplyFailure {
  /** How many replies fail so, one after the other. Default 1. */
  readonly times?: number
  /**
   * The platform's HTTP status, or `'answer-lost'`: the message is posted, and the answer to it never comes. 429 and 500 and above
   * wait and spend no attempt, as does 401 (the token); every other is a refusal, and the job a dead letter.
   */
  readonly with: number | 'answer-lost'
  /** With 429: when the platform wants to be asked again. Default 1 s. */
  readonly retryAfterMs?: number
}

/** A platform that keeps what is posted. As the real ones, it recognises a reply that an earlier run of its job posted. */
export class RecordingPlatform {
  readonly recorded: RecordedReply[] = []
  readonly #posted = new Map<string, ReplyResult>()
  readonly #failures: ReplyFailure[] = []

  fail(failure: ReplyFailure): void {
    const { times = 1 } = failure
    for (let count = 0; count < times; count += 1) this.#failures.push(failure)
  }

  /** How the jobs of one queue post. Jobs of different queues are different ones, also by the same id. */
  poster(queue: string): PostReply {
    return async (call, message) => {
      refuseUnanswerable(call.event)
      const failure = this.#failures.shift()
      if (failure && failure.with !== 'answer-lost') throw failureOf(failure, failure.with)
      const identity = JSON.stringify([queue, call.queue, call.eventId, call.key])
      const result = this.#posted.get(identity) ?? this.#record(call, message)
      this.#posted.set(identity, result)
      if (failure) throw new PlatformWaitError('no certain answer to the reply: no answer in time', undefined)
      return result
    }
  }

  #record({ event }: ReplyCall, message: ReplyMessage): ReplyResult {
    const { platform, id: eventId } = event
    const channel = channelOf(event)
    const content = contentOf(platform, message)
    const text = 'content' in content ? content.content : 'text' in content ? content.text : undefined
    this.recorded.push({ eventId, platform, channel, text: text ?? '', message: content })
    return resultOf(platform, channel, this.recorded.length)
  }
}

function failureOf({ retryAfterMs = 1_000 }: ReplyFailure, status: number): Error {
  if (status === 429) return new PlatformWaitError('the platform limits the rate', retryAfterMs)
  if (status === 401) return new TokenError('token-refused', 'the platform refuses the token (HTTP 401)')
  if (status >= 500) return new PlatformWaitError(`no certain answer to the reply: HTTP ${status}`, undefined)
  return new NonRetryableError(`the reply was refused: HTTP ${status}`, undefined, 'reply-refused')
}

function contentOf(
  platform: HoldfastEvent['platform'],
  message: ReplyMessage,
): SlackMessage | DiscordMessage {
  if (typeof message !== 'string') return message
  return platform === 'slack' ? { text: message } : { content: message }
}

/** Slack's subjects name the workspace before the channel; a channel that a reply goes to by its id has no subject. */
function channelOf({ subject, data }: HoldfastEvent): string | undefined {
  const { channel, channel_id: id } = fieldsOf(data)
  const named = subject?.split('/').at(-1) ?? channel ?? id
  return typeof named === 'string' ? named : undefined
}

function resultOf(
  platform: HoldfastEvent['platform'],
  channel: string | undefined,
  number: number,
): ReplyResult {
  if (platform === 'discord') return { channel_id: channel ?? '1', id: String(number) }
  return { channel: channel ?? 'C0000000000', ts: `${number}.000000` }
}
