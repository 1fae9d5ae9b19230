import { encodeEvent } from './codec.ts'
import { EVENT_VERSION, type EventAttributes, type EventPlatform, type OutgoingEvent } from './event.ts'
import { withoutUndefined } from './field.ts'
import type { Identity } from './identity.ts'
import { rfc3339 } from './instant.ts'
import type { Origin } from './origin.ts'
import { urlPart } from './url-part.ts'

/** What a reader found in a payload; with an `Origin` it makes an event. */
export interface Finding {
  readonly identity: Identity
  readonly type: string
  /** The payload as it came. */
  readonly dataText: string
  readonly interactive?: boolean | undefined
  readonly time?: string | undefined
  readonly subject?: string | undefined
  readonly slackcallback?: string | undefined
  readonly workspace?: string | undefined
  readonly actor?: string | undefined
  readonly replyto?: string | undefined
}

/** `/slack/<connection>` or `/discord/<connection>/<shard>`: the `source` attribute. */
export function sourceOf(platform: EventPlatform, connection: string, shard?: number | undefined): string {
  const path = `/${platform}/${urlPart(connection)}`
  return shard === undefined ? path : `${path}/${shard}`
}

/** Puts a finding and its origin together. The payload's text goes in as it is. */
export function outgoing(
  platform: EventPlatform,
  source: string,
  origin: Omit<Origin, 'nonce'>,
  found: Finding,
): OutgoingEvent {
  const attributes: EventAttributes = withoutUndefined({
    specversion: '1.0',
    id: found.identity.id,
    source,
    type: found.type,
    time: found.time,
    subject: found.subject,
    datacontenttype: 'application/json',
    slackcallback: found.slackcallback,
    hfversion: EVENT_VERSION,
    platform,
    connection: origin.connection,
    workspace: found.workspace,
    actor: found.actor,
    receivedat: rfc3339(origin.receivedAt),
    delivery: origin.delivery,
    replyto: found.replyto,
    traceparent: origin.traceparent,
  })
  return withoutUndefined({
    id: found.identity.id,
    type: found.type,
    subject: found.subject,
    actor: found.actor,
    delivery: origin.delivery,
    dedupeWindowMs: found.identity.dedupeWindowMs,
    interactive: found.interactive ?? false,
    text: encodeEvent(attributes, found.dataText),
  })
}
