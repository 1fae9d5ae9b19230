import { parsePattern } from '@holdfast/events'
import { LANE_HOLD_MS, type Order } from '@holdfast/queue'
import { type Environment, Secret } from '@holdfast/runtime'
import type { EventPattern } from './event-data.ts'
import { HTTP_KEYS, type HttpOption, type HttpSettings, httpProblems, httpSettings } from './http-option.ts'
import type { WorkerLog } from './log.ts'
import { unknownKeys, unknownKeysIn } from './option-keys.ts'
import { ORDERS } from './order.ts'
import { BACKOFF_KEYS, type Backoff, type RetryPolicy } from './outcome.ts'
import { type PlatformsOptions, platformsProblems } from './platforms.ts'
import { type RedisOption, type RedisSettings, redisProblems, redisSettings } from './redis-option.ts'

/** What `createWorker` takes. */
export interface WorkerOptions {
  /** Names the queue: lower-case letters, digits, `-`, `_` and `.`. Workers of one name share its events. */
  readonly subscription: string
  /** Which events the subscription wishes for. Default: the patterns of the registered handlers. */
  readonly events?: readonly EventPattern[]
  /** How many jobs run at once. Default 10. */
  readonly concurrency?: number
  /** What orders events: their conversation (default), their actor, or nothing. A handler may have its own: `worker.on`. */
  readonly order?: Order
  /**
   * For development: a subscription that nobody declares otherwise is removed, with all that waits in it, after `devExpiryMs` (10 min)
   * without a worker. Default: `HOLDFAST_DEV`.
   */
  readonly dev?: boolean
  readonly devExpiryMs?: number
  /** At this depth the subscription is suspended, until there is room again. Default 100,000. */
  readonly maxWaiting?: number
  /** After this long without a worker the subscription is suspended, until one works again. Default 7 days. */
  readonly maxIdleMs?: number
  /** A handler that holds its conversation for longer, while others wait behind it, is named in the log. Default 60 s. */
  readonly laneHoldMs?: number
  /** Tries in all before a job becomes a dead letter. Default 3. */
  readonly attempts?: number
  /** The wait between tries: doubles from `baseMs` (1 s) up to `maxMs` (60 s). */
  readonly backoff?: Partial<Backoff>
  /** How long a drain lets running handlers finish. Default 10 s; 0 gives everything back at once. */
  readonly drainMs?: number
  /** Where Redis is, and the gateway's data in it. Default: the environment. */
  readonly redis?: RedisOption
  /** Addresses and tokens of the REST interfaces. Default: the environment. */
  readonly platforms?: PlatformsOptions
  /** Where it answers health checks and shows metrics. Default: the environment, else nowhere. */
  readonly http?: HttpOption
  /** Default: JSON lines on the standard output. */
  readonly log?: WorkerLog
}

/** The options with every default filled in. */
export interface Settings {
  readonly subscription: string
  readonly events: readonly string[] | undefined
  readonly concurrency: number
  readonly order: Order
  /** Where the worker is for development. */
  readonly devExpiryMs: number | undefined
  readonly maxWaiting: number | undefined
  readonly maxIdleMs: number | undefined
  readonly laneHoldMs: number
  readonly policy: RetryPolicy
  readonly drainMs: number
  readonly redis: RedisSettings
  readonly platforms: PlatformsOptions
  readonly http: HttpSettings | undefined
}

const KEYS = [
  'subscription',
  'events',
  'concurrency',
  'order',
  'dev',
  'devExpiryMs',
  'maxWaiting',
  'maxIdleMs',
  'laneHoldMs',
  'attempts',
  'backoff',
  'drainMs',
  'redis',
  'platforms',
  'http',
  'log',
] as const satisfies readonly (keyof WorkerOptions)[]

const SUBSCRIPTION_NAME = /^[a-z0-9_.-]{1,64}$/

/** The options with what they leave out, from the environment or the defaults. Checks nothing. */
export function fillIn(options: WorkerOptions, environment: Environment): Settings {
  return {
    subscription: options.subscription,
    events: options.events,
    concurrency: options.concurrency ?? 10,
    order: options.order ?? 'conversation',
    devExpiryMs: isDev(options, environment) ? (options.devExpiryMs ?? 600_000) : undefined,
    maxWaiting: options.maxWaiting,
    maxIdleMs: options.maxIdleMs,
    laneHoldMs: options.laneHoldMs ?? LANE_HOLD_MS,
    policy: {
      attempts: options.attempts ?? 3,
      backoff: { baseMs: options.backoff?.baseMs ?? 1_000, maxMs: options.backoff?.maxMs ?? 60_000 },
    },
    drainMs: options.drainMs ?? 10_000,
    redis: redisSettings(options.redis, environment),
    platforms: options.platforms ?? {},
    http: httpSettings(options.http, environment),
  }
}

function isDev({ dev }: WorkerOptions, { HOLDFAST_DEV = '' }: Environment): boolean {
  return dev ?? !['', '0', 'false'].includes(HOLDFAST_DEV)
}

/** What is wrong with options that are no object. */
export const NO_OPTIONS = 'createWorker takes an object of options: { subscription: "commands" } is the least'

/** What is wrong with the options: one line each, with what to do about it. */
export function optionProblems(options: WorkerOptions, settings: Settings): readonly string[] {
  const { concurrency, drainMs, policy, order } = settings
  return [
    ...unknownKeys(options, KEYS),
    ...unknownKeysIn(options.backoff, BACKOFF_KEYS, 'backoff'),
    ...unknownKeysIn(options.http, HTTP_KEYS, 'http'),
    ...platformsProblems(options.platforms),
    ...subscriptionProblem(settings.subscription),
    ...eventsProblems(settings.events ?? []),
    ...atLeast('concurrency', concurrency, 1),
    ...(['devExpiryMs', 'maxWaiting', 'maxIdleMs', 'laneHoldMs'] as const).flatMap((option) =>
      atLeast(option, settings[option] ?? 1, 1),
    ),
    ...atLeast('attempts', policy.attempts, 1),
    ...atLeast('backoff.baseMs', policy.backoff.baseMs, 1),
    ...atLeast('backoff.maxMs', policy.backoff.maxMs, 1),
    ...atLeast('drainMs', drainMs, 0),
    ...(ORDERS.includes(order) ? [] : [`option order is "${order}": use ${ORDERS.join(', ')}`]),
    ...redisProblems(options.redis, settings.redis),
    ...httpProblems(settings.http),
  ]
}

/** The credentials among the options, for a log that strikes them out. */
export function secretsOf(platforms: PlatformsOptions, environment: Environment): readonly Secret[] {
  const given = [platforms.slack, platforms.discord].flatMap((platform) => [
    platform?.token,
    ...Object.values(platform?.connections ?? {}).map(({ token }) => token),
  ])
  return [...given, environment.SLACK_BOT_TOKEN, environment.DISCORD_TOKEN]
    .filter((token): token is string => Boolean(token))
    .map((token) => new Secret(token))
}

function subscriptionProblem(name: string): string[] {
  if (typeof name !== 'string')
    return ['option subscription is missing: name it, as { subscription: "commands" }']
  if (SUBSCRIPTION_NAME.test(name) && !name.endsWith('.interactive')) return []
  const allowed = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9_.-]+/g, '-')
    .replace(/\.interactive$/, '')
    .slice(0, 64)
  return [
    `option subscription is "${name}": use 1 to 64 of a-z, 0-9, "-", "_" and ".", not ending in ".interactive"` +
      (allowed && allowed !== name ? `; for example "${allowed}"` : ''),
  ]
}

function eventsProblems(events: readonly string[]): string[] {
  if (!Array.isArray(events)) return ['option events is no list: use ["slack.message"]']
  return events.flatMap((pattern: unknown) => {
    if (typeof pattern !== 'string') return [`option events: ${String(pattern)} is no event pattern`]
    const parsed = parsePattern(pattern)
    return parsed.ok ? [] : [`option events: ${parsed.problem}`]
  })
}

function atLeast(option: string, value: number, least: number): string[] {
  if (Number.isInteger(value) && value >= least) return []
  return [`option ${option} is ${value}: use a whole number from ${least} on`]
}
