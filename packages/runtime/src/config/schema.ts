import { z } from 'zod'
import { Secret } from '../secret.ts'
import { INTENT_NAMES } from './intents.ts'
import { redis } from './redis-schema.ts'
import { apiUrl, duration, flag, optionalSecret, token, wholeNumber } from './scalars.ts'

const id = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, dots, dashes or underscores')
  .describe('Unique name of the connection; appears in events, logs and metrics.')

const slackRtm = z.strictObject({
  id,
  platform: z.literal('slack'),
  transport: z.literal('rtm'),
  botToken: token('a Slack bot token (xoxb-…)'),
  apiUrl: apiUrl({ finalSlash: true }).prefault('https://slack.com/api/'),
})

const slackSocketMode = z.strictObject({
  id,
  platform: z.literal('slack'),
  transport: z.literal('socket-mode'),
  appToken: token('a Slack app-level token (xapp-…)'),
  botToken: token('a Slack bot token (xoxb-…)'),
  sockets: wholeNumber(
    1,
    9,
    'Slack allows an app ten, and one that is refreshed needs a place for its successor',
  )
    .prefault(2)
    .describe('How many sockets are kept open at once; five or fewer if all may be refreshed at once.'),
  apiUrl: apiUrl({ finalSlash: true }).prefault('https://slack.com/api/'),
})

const presence = z
  .strictObject({
    status: z.enum(['online', 'dnd', 'idle', 'invisible']).prefault('online'),
    activities: z
      .array(
        z.strictObject({
          name: z.string(),
          type: wholeNumber(0, 5).prefault(0),
          state: z.string().exactOptional(),
          url: z.string().exactOptional(),
        }),
      )
      .prefault([]),
  })
  .describe('https://docs.discord.com/developers/events/gateway-events#update-presence')

const discord = z.strictObject({
  id,
  platform: z.literal('discord'),
  token: token('a Discord bot token'),
  intents: z
    .array(z.enum(INTENT_NAMES))
    .prefault(['GUILDS', 'GUILD_MESSAGES', 'DIRECT_MESSAGES', 'MESSAGE_CONTENT'])
    .describe('https://docs.discord.com/developers/events/gateway#list-of-intents'),
  shards: z
    .union([z.literal('auto'), wholeNumber(1, 16_384)], 'must be "auto" or a number of shards from 1 up')
    .prefault('auto'),
  compress: z.enum(['none', 'zlib-stream', 'zstd-stream']).prefault('zlib-stream'),
  presence: presence.optional(),
  apiUrl: apiUrl({ finalSlash: false }).prefault('https://discord.com/api/v10'),
})

const connection = z.discriminatedUnion('platform', [
  discord,
  z.discriminatedUnion('transport', [slackRtm, slackSocketMode]),
])

const subscription = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, dot, dash, underscore')
      .refine(
        (name) => !name.endsWith('.interactive'),
        'must not end in ".interactive": that queue is made beside it',
      ),
    events: z.array(z.string()).min(1, 'must name at least one event pattern'),
    order: z.enum(['conversation', 'actor', 'none']).prefault('conversation'),
    initial: flag.prefault(false).describe('Whether it also takes the flood of guilds after an identify.'),
    maxWaiting: wholeNumber(1, 100_000_000).prefault(100_000),
    maxIdle: duration.prefault('7d'),
  })
  .transform(({ maxIdle, ...rest }) => ({ ...rest, maxIdleMs: maxIdle }))

const http = z
  .strictObject({
    host: z.string().min(1, 'is empty').prefault('127.0.0.1'),
    port: wholeNumber(0, 65_535).prefault(8080).describe('0 takes any free port.'),
    adminToken: optionalSecret.describe('For admin routes, which are off without it.'),
  })
  .prefault({})

const consoleHttp = z
  .strictObject({
    host: z
      .string()
      .min(1, 'is empty')
      .prefault('127.0.0.1')
      .describe('Whoever reaches it sees events: it asks for no password.'),
    port: wholeNumber(0, 65_535).prefault(8090).describe('0 takes any free port.'),
  })
  .prefault({})
  .describe("The operator's dashboard.")

/** Two beats of a replica: with less, one that was a little late would lose its units. */
const LEAST_LEASE_MS = 2_000

const backfill = z
  .strictObject({
    enabled: flag.prefault(true),
    maxRequests: wholeNumber(1, 1_000_000).prefault(500),
    maxTime: duration
      .prefault('5m')
      .describe('How long the platform is asked, waiting for its limits included.'),
    maxMessages: wholeNumber(1, 10_000_000).prefault(10_000),
  })
  .prefault({})
  .describe("Filling in gaps from the platform's history: whether, and how much one gap may cost.")
  .transform(({ maxTime, ...rest }) => ({ ...rest, maxTimeMs: maxTime }))

const gateway = z
  .strictObject({
    replicaId: z
      .string()
      .min(1, 'is empty')
      .optional()
      .describe('Stable over restarts; default: host name and process id.'),
    deployId: z
      .string()
      .min(1, 'is empty')
      .optional()
      .describe(
        'Which rollout this replica belongs to; default: the same for the same version with the same configuration.',
      ),
    lease: duration
      .refine((ms) => ms >= LEAST_LEASE_MS, 'must be at least 2s: a replica shows each second that it lives')
      .prefault('5s')
      .describe('How long a replica must be seen without a sign of life before others take its units.'),
    rebalanceAfter: duration
      .prefault('60s')
      .describe(
        'How long no replica must have come or gone before units move to even out how many each holds.',
      ),
    stopGrace: duration.prefault('10s').describe('How long a stop waits for confirms.'),
    journalDir: z
      .string()
      .min(1, 'is empty')
      .prefault('.holdfast/journal')
      .describe('Where events are kept that Redis is too slow for; default: HOLDFAST_JOURNAL_DIR.'),
    maxUnconfirmedCount: wholeNumber(1, 10_000_000).prefault(50_000),
    maxUnconfirmedBytes: wholeNumber(1, 2 ** 40).prefault(64 * 1024 * 1024),
    backfill,
  })
  .prefault({})
  .transform(({ stopGrace, lease, rebalanceAfter, ...rest }) => ({
    ...rest,
    stopGraceMs: stopGrace,
    leaseMs: lease,
    rebalanceAfterMs: rebalanceAfter,
  }))

const log = z
  .strictObject({
    level: z.enum(['debug', 'info', 'warn', 'error']).prefault('info'),
  })
  .prefault({})

/** The configuration file: the one description that validation, defaults and the published JSON Schema come from. */
export const configSchema = z
  .strictObject({
    redis,
    connections: z.array(connection).prefault([]),
    subscriptions: z
      .array(subscription)
      .prefault([])
      .describe('Workers may also declare theirs at run time.'),
    http,
    gateway,
    console: consoleHttp,
    log,
  })
  .superRefine((config, context) => {
    refuseDuplicates(config.connections, 'id', ['connections'], context)
    refuseDuplicates(config.subscriptions, 'name', ['subscriptions'], context)
    refuseSharedTokens(config.connections, context)
  })

function refuseDuplicates<Key extends string>(
  items: readonly Readonly<Record<Key, string>>[],
  key: Key,
  path: readonly string[],
  context: z.RefinementCtx,
): void {
  const seen = new Map<string, number>()
  for (const [index, item] of items.entries()) {
    const first = seen.get(item[key])
    seen.set(item[key], first ?? index)
    if (first === undefined) continue
    const message = `"${item[key]}" is already the ${key} of ${path.join('.')}[${first}]: each needs its own`
    context.addIssue({ code: 'custom', message, path: [...path, index, key] })
  }
}

/** What comes of two connections with one token of a kind, on one platform. */
const SHARED_TOKEN = {
  token: 'two sessions of one bot would bring each event twice',
  botToken: 'two connections of one bot would bring each event twice',
  appToken: 'Slack would deal the events of the app out to both; for more sockets raise "sockets"',
} as const

function refuseSharedTokens(
  connections: readonly z.output<typeof connection>[],
  context: z.RefinementCtx,
): void {
  const seen = new Map<string, number>()
  for (const [index, each] of connections.entries()) {
    const [key, token] = tokenOf(each)
    // What was refused above is still the text that it was.
    if (!(token instanceof Secret)) continue
    const bot = `${key} ${each.apiUrl} ${token.reveal()}`
    const first = seen.get(bot)
    seen.set(bot, first ?? index)
    if (first === undefined) continue
    const message = `is the ${key} of connections[${first}] too: ${SHARED_TOKEN[key]}`
    context.addIssue({ code: 'custom', message, path: ['connections', index, key] })
  }
}

/** The token by which the platform tells whose connection it is. */
function tokenOf(each: z.output<typeof connection>): [key: keyof typeof SHARED_TOKEN, token: unknown] {
  if (each.platform === 'discord') return ['token', each.token]
  return each.transport === 'rtm' ? ['botToken', each.botToken] : ['appToken', each.appToken]
}

type DeepReadonly<T> = T extends Secret | string | number | boolean | undefined
  ? T
  : { readonly [Key in keyof T]: DeepReadonly<T[Key]> }

/** The whole configuration, with every default filled in; frozen. Durations are milliseconds, credentials are `Secret`s. */
export type Config = DeepReadonly<z.output<typeof configSchema>>

/** One connection, of whatever kind. */
export type ConnectionConfig = Config['connections'][number]

/** A Slack bot over RTM. */
export type SlackRtmConfig = Extract<ConnectionConfig, { transport: 'rtm' }>

/** A Slack app over Socket Mode. */
export type SlackSocketModeConfig = Extract<ConnectionConfig, { transport: 'socket-mode' }>

/** A Discord bot. */
export type DiscordConfig = Extract<ConnectionConfig, { platform: 'discord' }>
