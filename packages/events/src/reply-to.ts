import type { Platform } from './event.ts'
import { urlPart } from './url-part.ts'

/** Where an answer for the socket goes: over which connection, and to what. */
export interface ReplyTo {
  readonly platform: Platform
  readonly connection: string
  /** Slack: the envelope's id. Discord: the interaction's id. */
  readonly id: string
  /** Whether the answer may carry content; else it can only be an acknowledgement. */
  readonly acceptsPayload: boolean
}

/** `slack/<connection>/<envelope id>`, with `/payload` behind it where the answer may carry content. */
export function formatReplyTo(replyTo: ReplyTo): string {
  const { platform, connection, id, acceptsPayload } = replyTo
  const address = [platform, urlPart(connection), urlPart(id)]
  return (acceptsPayload ? [...address, 'payload'] : address).join('/')
}

/** The reverse of `formatReplyTo`; `undefined` for text that it did not write. */
export function parseReplyTo(text: string): ReplyTo | undefined {
  const [, platform, connection, id, payload] =
    /^(slack|discord)\/([^/]+)\/([^/]+)(\/payload)?$/.exec(text) ?? []
  if ((platform !== 'slack' && platform !== 'discord') || connection === undefined || id === undefined)
    return undefined
  try {
    const acceptsPayload = payload !== undefined
    return {
      platform,
      connection: decodeURIComponent(connection),
      id: decodeURIComponent(id),
      acceptsPayload,
    }
  } catch {
    return undefined // a stray percent sign
  }
}
