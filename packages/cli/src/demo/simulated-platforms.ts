/** One simulated platform, as the demo's bot and people see it. */
export interface SimulatedPlatform {
  readonly apiUrl: string
  readonly token: string
  /** The bot's user id. */
  readonly bot: string
  /** All ids under which the record has what the bot did: Slack's apps have two. */
  readonly botIds: readonly string[]
  /** A person who speaks. */
  readonly user: string
  /** #general first. */
  readonly channels: readonly string[]
}

/** Where the simulator is, and who is there. */
export interface SimulatedPlatforms {
  /** `http://127.0.0.1:PORT`; its control API is below `/control`. */
  readonly url: string
  readonly slack: SimulatedPlatform
  readonly discord: SimulatedPlatform
}
