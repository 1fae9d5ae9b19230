/** A person's message, by ids. */
export interface DiscordSay {
  readonly channel: string
  readonly user: string
  readonly text: string
}

/** A person's reaction, by ids; `emoji` is the character itself. */
export interface DiscordReact {
  readonly channel: string
  readonly user: string
  readonly message: string
  readonly emoji: string
}

/** A thread that a person starts from a message. */
export interface DiscordThreadStart {
  readonly channel: string
  readonly user: string
  readonly message: string
  readonly name: string
}

/** What a person does to a bot's application: a command, or a press on a component of one of its messages. */
export interface DiscordDeed {
  /** Bot user id or application id. */
  readonly bot: string
  readonly channel: string
  readonly user: string
  readonly deed:
    | { readonly command: string; readonly options?: readonly object[] }
    | { readonly customId: string; readonly messageId: string }
}
