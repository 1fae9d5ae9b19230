import type { Platform } from '../facts.ts'
import type { ListedFault } from '../listed-fault.ts'
import type { StageAction, StageLink, StageMark, StageSample, StageState } from './stage.ts'

/*
 * What the chat page is told: server-sent events of `GET /page/feed`. Each event's name is a key of `PageEvents`, its data
 * the JSON of that type. `hello` comes first on every connection and replaces all that the page knew; the others change
 * it. The page acts through `POST /control/…`, as everybody does.
 */
export interface PageEvents {
  readonly hello: PageHello
  /** In order; several in one event under load. */
  readonly chat: readonly ChatChange[]
  readonly presence: { readonly platform: Platform; readonly online: boolean }
  readonly stream: StreamState
  /** All of them, when one has other sockets, or one of these is not what it was. */
  readonly bots: readonly PageBot[]
  /** Made or armed, by whomever. */
  readonly fault: PageFault
  readonly stage: StageState
  readonly samples: readonly StageSample[]
  readonly mark: StageMark
}

export interface PageHello {
  /** `holdfast demo`, `holdfast simulate`. */
  readonly title: string
  readonly platforms: readonly PagePlatform[]
  /** The last messages of each channel, oldest first. */
  readonly messages: readonly ChatMessage[]
  readonly threads: readonly ChatThread[]
  readonly stream: StreamState
  readonly bots: readonly PageBot[]
  /** By name: what can be made to go wrong, as `GET /control/fault` lists it. */
  readonly faults: Readonly<Record<string, ListedFault>>
  /** Oldest first. */
  readonly lastFaults: readonly PageFault[]
  /** Absent where the platforms alone are simulated. */
  readonly stage?: {
    readonly links: readonly StageLink[]
    readonly actions: readonly StageAction[]
    readonly state: StageState
    readonly samples: readonly StageSample[]
    readonly marks: readonly StageMark[]
  }
}

export interface PagePlatform {
  readonly platform: Platform
  /** The workspace's or guild's name. */
  readonly name: string
  readonly bot: { readonly id: string; readonly name: string; readonly online: boolean }
  readonly channels: readonly { readonly id: string; readonly name: string }[]
  readonly people: readonly Person[]
  /** The person that the page speaks as. */
  readonly me: string
  /** The bot's slash commands. */
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  /** Why there are none, where there could be. */
  readonly commandsNote?: string
}

export interface Person {
  readonly id: string
  readonly name: string
}

/** A bot and the sockets that it has. */
export interface PageBot {
  readonly platform: Platform
  readonly id: string
  readonly name: string
  readonly sockets: readonly PageSocket[]
}

/** One socket; or, on Discord, a session that waits for a socket to resume on. */
export interface PageSocket {
  /** Its number in the record; absent where there is none. */
  readonly socket?: number
  readonly state: 'open' | 'frozen' | 'delayed' | 'waiting'
  /** What it carries: `rtm`, `shard 0 of 2`. */
  readonly about: string
}

/** A fault that happened or was armed. */
export interface PageFault {
  /** Its place in the record. */
  readonly n: number
  readonly at: number
  readonly platform: Platform
  readonly name: string
  /** What it was told: `code=4000`. */
  readonly detail?: string
  /** How long it lasts, where it was told to last. */
  readonly forMs?: number
  /** There was no socket or session for it, and it waits for none. */
  readonly hitNothing?: true
}

/** The numbered messages of several people that the simulator sends by itself. */
export interface StreamState {
  /** 0 while it stands still. */
  readonly perSecond: number
  readonly sentCount: number
}

/** A message as people see it, on either platform. `platform`, `channel` and `id` name it. */
export interface ChatMessage {
  readonly platform: Platform
  /** Of messages in a thread: the channel in which the thread is. */
  readonly channel: string
  readonly id: string
  /** Unix milliseconds. */
  readonly at: number
  /** The id of the message with which the thread began. */
  readonly thread?: string
  /** Slack: a reply in a thread that shows in the channel too. */
  readonly alsoInChannel?: true
  readonly author: Person & { readonly bot: boolean }
  readonly text: string
  readonly edited: boolean
  /** The message that this one answers, where the platform shows that. */
  readonly quotes?: string
  /** The command or press that this message answers; `user` is a person's id. */
  readonly interaction?: { readonly user: string; readonly what: string }
  readonly buttons: readonly ChatButton[]
  readonly reactions: readonly ChatReaction[]
  /**
   * What became of it for the bot when it was said: written to an open socket, kept for the bot's return, or neither:
   * nobody was connected and the platform repeats nothing. Absent for what the bot itself said.
   */
  readonly reach?: 'sent' | 'kept' | 'missed'
}

export interface ChatButton {
  readonly customId: string
  readonly label: string
  readonly style: 'primary' | 'secondary' | 'success' | 'danger'
}

export interface ChatReaction {
  /** Slack: its name; Discord: the emoji. */
  readonly name: string
  readonly count: number
  /** Whether the person that the page speaks as is among them. */
  readonly mine: boolean
}

/** A thread of messages. On Discord it is a channel of its own, with the id of the message that it began with. */
export interface ChatThread {
  readonly platform: Platform
  readonly channel: string
  readonly id: string
  /** Discord gives threads names. */
  readonly name?: string
}

export type ChatChange =
  /** A new message, or one that is not what it was: reactions, an edit. */
  | { readonly what: 'message'; readonly message: ChatMessage }
  | { readonly what: 'deleted'; readonly platform: Platform; readonly channel: string; readonly id: string }
  | { readonly what: 'thread'; readonly thread: ChatThread }
  /** A command was used or a button pressed: shown until it is answered or the platform gives up on it. */
  | { readonly what: 'interaction'; readonly interaction: ChatInteraction }

export interface ChatInteraction {
  readonly platform: Platform
  /** In a thread: the channel in which the thread is. */
  readonly channel: string
  readonly thread?: string
  readonly id: string
  readonly at: number
  /** A person's id. */
  readonly user: string
  /** `/tide`, or the button's label. */
  readonly what: string
  /** The message of the pressed button. */
  readonly message?: string
  readonly state: 'waiting' | 'answered' | 'failed'
}
