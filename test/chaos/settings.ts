import type { DiscordLimits, SlackLimits } from '@holdfast/simulator'

/** How the simulator differs from its settings for demos. Everything that is scaled is told in docs/delivery.md. */
export const SIMULATOR_SETTINGS: {
  readonly slack: Partial<SlackLimits>
  readonly discord: Partial<DiscordLimits>
} = {
  slack: {
    // A tenth of Slack's own: at once, after 1 min, after 5 min.
    eventRetriesMs: [0, 6_000, 30_000],
  },
  discord: {
    // Both shards may identify at once: a stage is ready seconds sooner.
    maxConcurrency: 2,
  },
}

/** How many messages a second people say to each connection. */
export const PER_SECOND = 25

/** How many events handlers begin before and after what a scenario does, at least. */
export const FLOW_COUNT = { short: 30, full: 300 } as const
