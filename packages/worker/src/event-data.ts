import type { EventPlatform, GapData, HoldfastEvent } from '@holdfast/events'
import type { SlackEvent } from '@slack/types'
import type { GatewayDispatchPayload } from 'discord-api-types/v10'
import type { SlackInteractionData } from './slack-interaction-data.ts'

type KeysOfAny<Union> = Union extends unknown ? keyof Union : never

/**
 * A union of which every key may be read: members that lack one say `undefined`. Without it `data.text` of a Slack
 * message would not compile, because an edit has none; `data.subtype` still narrows.
 */
type Readable<Member, Union = Member> = Member extends object
  ? Member & { readonly [Key in Exclude<KeysOfAny<Union>, keyof Member>]?: undefined }
  : Member

type SlackEventData = { [Member in SlackEvent as `slack.${Member['type']}`]: Readable<Member> }
type SlackData = { [Type in keyof SlackEventData]: Readable<SlackEventData[Type]> }
type DiscordData = {
  [Dispatch in GatewayDispatchPayload as `discord.${Dispatch['t']}`]: Dispatch['d']
}

/** A slash command as Slack posts it: https://docs.slack.dev/interactivity/implementing-slash-commands */
export interface SlackSlashCommand {
  readonly command: string
  readonly text: string
  readonly team_id: string
  readonly team_domain: string
  readonly enterprise_id?: string
  readonly channel_id: string
  readonly channel_name: string
  readonly user_id: string
  readonly user_name: string
  readonly api_app_id: string
  readonly trigger_id: string
  readonly response_url: string
}

/** What `event.data` is, by `event.type`. Types that are not here are `unknown`. */
export interface EventData extends SlackData, SlackInteractionData, DiscordData {
  'slack.slash_commands': SlackSlashCommand
  'holdfast.gap': GapData
}

/** The event types whose data is known. */
export type EventType = keyof EventData

/**
 * A pattern of event types: `platform.type`, `*` for one part, a last `*` for all the rest. Known types are offered by the editor;
 * every other text is allowed.
 */
export type EventPattern =
  | EventType
  | 'slack.*'
  | 'slack.interactive.*'
  | 'discord.*'
  | 'holdfast.*'
  | '*'
  | (string & {})

type PlatformOf<Type> = Type extends `${infer Head extends EventPlatform}.${string}` ? Head : EventPlatform

/** An event of one known type. */
export type TypedEvent<Type extends EventType> = Type extends unknown
  ? Omit<HoldfastEvent, 'type' | 'platform' | 'data'> & {
      readonly type: Type
      readonly platform: PlatformOf<Type>
      readonly data: EventData[Type]
    }
  : never

type Matching<Pattern> = Pattern extends EventType
  ? Pattern
  : Pattern extends `${infer Head}*`
    ? Extract<EventType, `${Head}${string}`>
    : never

/**
 * The event that a handler of `Pattern` is given: exact for a known type, the union of the known types for `slack.*` and
 * its like (types this package does not know can come too: keep a default case), else `data` is `unknown`.
 */
export type EventOf<Pattern extends string> = [Matching<Pattern>] extends [never]
  ? HoldfastEvent
  : TypedEvent<Matching<Pattern>>
