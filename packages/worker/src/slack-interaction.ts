import type { HoldfastEvent } from '@holdfast/events'
import { fieldsOf } from './payload.ts'

/** What an answer to a slash command or an interactive payload has to know of it. https://docs.slack.dev/reference/interaction-payloads */
export interface SlackInteraction {
  /** Takes five messages within 30 minutes, also where the bot may not post. */
  readonly responseUrl: string | undefined
  /** The message whose element was used. */
  readonly original: OriginalMessage | undefined
}

/** Where a message with buttons stands. */
export interface OriginalMessage {
  readonly channel: string
  readonly ts: string
  /** Shown to one person: only the response URL reaches it. */
  readonly isEphemeral: boolean
}

/** What is known of any event: for one that is no interaction, nothing. */
export function readSlackInteraction(event: HoldfastEvent): SlackInteraction {
  const data = fieldsOf(event.data)
  const [first] = Array.isArray(data.response_urls) ? data.response_urls : []
  const url = data.response_url ?? fieldsOf(first).response_url
  return {
    responseUrl: typeof url === 'string' && url !== '' ? url : undefined,
    original: readOriginal(data),
  }
}

function readOriginal(data: Readonly<Record<string, unknown>>): OriginalMessage | undefined {
  const { channel_id, message_ts, is_ephemeral } = fieldsOf(data.container)
  if (typeof channel_id !== 'string' || typeof message_ts !== 'string') return undefined
  return { channel: channel_id, ts: message_ts, isEphemeral: is_ephemeral === true }
}
