import type { AnyBlock, ModalView, PlainTextElement, View } from '@slack/types'

/*
 * What Slack's interactive payloads hold, after https://docs.slack.dev/reference/interaction-payloads. Named is what a bot
 * reads; a field that Slack sends only sometimes is optional, and one that it documents as null may be null.
 */

/** Where an interaction comes from, whichever it is. */
interface InteractionFrom {
  /** Null for an app that is installed in a whole organisation. */
  readonly team: { readonly id: string; readonly domain?: string; readonly enterprise_id?: string } | null
  readonly user: {
    readonly id: string
    readonly username?: string
    readonly name?: string
    readonly team_id?: string
  }
  readonly enterprise?: { readonly id: string; readonly name?: string } | null
  readonly is_enterprise_install?: boolean
  readonly api_app_id?: string
  readonly token?: string
}

interface InteractionChannel {
  readonly id: string
  readonly name?: string
}

/** An option of a menu, a checkbox or a radio button. */
export interface SlackOption {
  readonly text: { readonly type: 'plain_text' | 'mrkdwn'; readonly text: string }
  readonly value?: string
  readonly description?: PlainTextElement
}

/** What a person chose or typed in one element. Which field it is in follows the element's `type`. */
export interface SlackInputState {
  /** Such as `plain_text_input`, `static_select`, `datepicker`. */
  readonly type: string
  readonly value?: string | null
  readonly selected_option?: SlackOption | null
  readonly selected_options?: readonly SlackOption[]
  readonly selected_user?: string | null
  readonly selected_users?: readonly string[]
  readonly selected_channel?: string | null
  readonly selected_channels?: readonly string[]
  readonly selected_conversation?: string | null
  readonly selected_conversations?: readonly string[]
  /** `2026-01-31` */
  readonly selected_date?: string | null
  /** `14:05` */
  readonly selected_time?: string | null
  /** Unix seconds. */
  readonly selected_date_time?: number | null
}

/** The element that was pressed or changed. */
export interface SlackAction extends SlackInputState {
  readonly action_id: string
  readonly block_id: string
  readonly action_ts: string
  /** Of a button. */
  readonly text?: PlainTextElement
  readonly style?: string
}

/** What stands in the inputs of a view or a message: by `block_id`, then by `action_id`. */
export interface SlackStateValues {
  readonly values: Readonly<Record<string, Readonly<Record<string, SlackInputState | undefined>> | undefined>>
}

/** A view as Slack sends it back. */
interface SentView {
  readonly id: string
  readonly team_id?: string
  readonly hash: string
  readonly blocks: readonly AnyBlock[]
  readonly private_metadata: string
  readonly callback_id: string
  readonly external_id: string
  readonly state: SlackStateValues
  readonly root_view_id: string | null
  readonly previous_view_id: string | null
  readonly app_id: string
  readonly bot_id: string
}

/** A modal as Slack sends it back. */
export interface SlackModal extends SentView {
  readonly type: ModalView['type']
  readonly title: PlainTextElement
}

/** A modal or a home tab as Slack sends it back. */
export interface SlackView extends SentView {
  readonly type: View['type']
}

/** A message that holds the element, or that a shortcut was used on. */
export interface SlackMessageSource {
  readonly type: 'message'
  readonly ts: string
  readonly text?: string
  readonly user?: string
  readonly bot_id?: string
  readonly thread_ts?: string
  readonly blocks?: readonly AnyBlock[]
}

/** A button was pressed, a menu changed: https://docs.slack.dev/reference/interaction-payloads/block_actions-payload */
export interface SlackBlockActions extends InteractionFrom {
  readonly type: 'block_actions'
  readonly actions: readonly SlackAction[]
  /** Good for 3 seconds, to open a modal with. */
  readonly trigger_id?: string
  /** Absent where the element is in a view. */
  readonly channel?: InteractionChannel
  readonly message?: SlackMessageSource
  readonly view?: SlackView
  /** Absent where the element is in a view. */
  readonly response_url?: string
  readonly container?:
    | {
        readonly type: 'message' | 'message_attachment'
        readonly message_ts: string
        readonly channel_id: string
        readonly thread_ts?: string
        readonly is_ephemeral?: boolean
      }
    | { readonly type: 'view'; readonly view_id: string }
  readonly state?: SlackStateValues
}

/** A modal was submitted: https://docs.slack.dev/reference/interaction-payloads/view-interactions-payload */
export interface SlackViewSubmission extends InteractionFrom {
  readonly type: 'view_submission'
  readonly view: SlackModal
  readonly trigger_id?: string
  /** For conversation menus of the modal that ask for one. */
  readonly response_urls?: readonly {
    readonly block_id: string
    readonly action_id: string
    readonly channel_id: string
    readonly response_url: string
  }[]
}

/** A modal with `notify_on_close` was closed; the same page. */
export interface SlackViewClosed extends InteractionFrom {
  readonly type: 'view_closed'
  readonly view: SlackModal
  /** Whether the whole stack of modals was closed. */
  readonly is_cleared: boolean
}

/** A global shortcut: https://docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload */
export interface SlackShortcut extends InteractionFrom {
  readonly type: 'shortcut'
  readonly callback_id: string
  readonly trigger_id: string
  readonly action_ts: string
}

/** A shortcut on a message; the same page. */
export interface SlackMessageAction extends InteractionFrom {
  readonly type: 'message_action'
  readonly callback_id: string
  readonly trigger_id: string
  readonly response_url: string
  readonly channel: InteractionChannel
  readonly message: SlackMessageSource
  readonly message_ts?: string
  readonly action_ts?: string
}

/** A menu with an external source asks for its options: https://docs.slack.dev/reference/interaction-payloads/block_suggestion-payload */
export interface SlackBlockSuggestion extends InteractionFrom {
  readonly type: 'block_suggestion'
  readonly action_id: string
  readonly block_id: string
  /** What was typed so far. */
  readonly value: string
  readonly channel?: InteractionChannel
  readonly message?: SlackMessageSource
  readonly view?: SlackView
}

type SlackInteraction =
  | SlackBlockActions
  | SlackViewSubmission
  | SlackViewClosed
  | SlackShortcut
  | SlackMessageAction
  | SlackBlockSuggestion

/** `event.data` of `slack.interactive.<type>`. */
export type SlackInteractionData = {
  [Payload in SlackInteraction as `slack.interactive.${Payload['type']}`]: Payload
}
