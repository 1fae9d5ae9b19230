import type { REST } from '@discordjs/rest'
import type { Platform } from '@holdfast/events'
import type { Environment } from '@holdfast/runtime'
import { LogLevel, WebClient } from '@slack/web-api'
import { CALL_TIMEOUT_MS, discordClient } from './discord-client.ts'
import { TokenError } from './errors.ts'
import { unknownKeysIn } from './option-keys.ts'

/** How to reach one platform. */
export interface PlatformAccess {
  /** Default: `SLACK_BOT_TOKEN` or `DISCORD_TOKEN`. */
  readonly token?: string
  /** Default: `SLACK_API_URL` or `DISCORD_API_URL`, else the platform's own address. */
  readonly apiUrl?: string
}

/** How to reach one platform, over all of its connections. */
export interface PlatformOptions extends PlatformAccess {
  /** What differs for a connection, by its id in the gateway's configuration. */
  readonly connections?: Readonly<Record<string, PlatformAccess>>
}

/** How to reach the platforms. */
export interface PlatformsOptions {
  readonly slack?: PlatformOptions
  readonly discord?: PlatformOptions
}

const ACCESS_KEYS = ['token', 'apiUrl'] as const satisfies readonly (keyof PlatformAccess)[]
const PLATFORMS = ['slack', 'discord'] as const satisfies readonly Platform[]

/** One line for each key of the option that there is not. */
export function platformsProblems(options: PlatformsOptions | undefined): readonly string[] {
  return [
    ...unknownKeysIn(options, PLATFORMS, 'platforms'),
    ...PLATFORMS.flatMap((name) => platformProblems(name, options?.[name])),
  ]
}

function platformProblems(name: Platform, options: PlatformOptions | undefined): readonly string[] {
  const path = `platforms.${name}`
  return [
    ...unknownKeysIn(options, [...ACCESS_KEYS, 'connections'], path),
    ...Object.entries(options?.connections ?? {}).flatMap(([id, access]) =>
      unknownKeysIn(access, ACCESS_KEYS, `${path}.connections.${id}`),
    ),
  ]
}

/** REST clients, one per connection, made when first asked for. */
export interface Platforms {
  /** Throws `missing-token`. `connection` is absent for a handler of another platform's event. */
  slack(connection: string | undefined): WebClient
  discord(connection: string | undefined): REST
  /** Whether there is a token for some connection of the platform. */
  hasToken(platform: Platform): boolean
  close(): void
}

type Access = { readonly token: string; readonly apiUrl: string }

const SLACK_API_URL = 'https://slack.com/api/'
const DISCORD_API_URL = 'https://discord.com/api/v10'

/** The clients never try again by themselves: a job that failed runs again, with its finished steps skipped. */
export function createPlatforms(options: PlatformsOptions, environment: Environment): Platforms {
  const slackClients = new Map<string, WebClient>()
  const discordClients = new Map<string, { readonly rest: REST; readonly token: string }>()
  return {
    slack(connection) {
      const kept = slackClients.get(connection ?? '')
      if (kept) return kept
      const client = slackClient(access('slack', options.slack, connection, environment))
      slackClients.set(connection ?? '', client)
      return client
    },
    discord(connection) {
      const kept = discordClients.get(connection ?? '')
      // The library forgets its token at the first 401, and would fail every later call with a riddle.
      if (kept) return kept.rest.setToken(kept.token)
      const { token, apiUrl } = access('discord', options.discord, connection, environment)
      const rest = discordClient(token, apiUrl)
      discordClients.set(connection ?? '', { rest, token })
      return rest
    },
    hasToken(platform) {
      const own = Object.values(options[platform]?.connections ?? {})
      return Boolean(tokenOf(platform, options[platform], environment) || own.some(({ token }) => token))
    },
    close() {
      for (const { rest } of discordClients.values()) {
        rest.clearHashSweeper()
        rest.clearHandlerSweeper()
      }
    },
  }
}

const VARIABLES = {
  slack: { token: 'SLACK_BOT_TOKEN', apiUrl: 'SLACK_API_URL', defaultUrl: SLACK_API_URL },
  discord: { token: 'DISCORD_TOKEN', apiUrl: 'DISCORD_API_URL', defaultUrl: DISCORD_API_URL },
} as const

/** Where to put a platform's token. */
function tokenPlaces(platform: Platform, connection?: string): string {
  const option = `platforms.${platform}`
  const own = connection === undefined ? '' : ` (for this connection alone: ${option}.connections)`
  return `set ${VARIABLES[platform].token}, or ${option}.token of createWorker${own}, and restart`
}

/** One line for each platform that handlers are for and that has no token. A handler may do without. */
export function tokenWarnings(patterns: readonly string[], platforms: Platforms): readonly string[] {
  return (['slack', 'discord'] as const).flatMap((platform) => {
    const pattern = patterns.find((text) => text.startsWith(`${platform}.`))
    if (!pattern || platforms.hasToken(platform)) return []
    const what = `no ${platform} token: the handler of "${pattern}" can neither reply nor use ctx.${platform}`
    return [`${what}; ${tokenPlaces(platform)}`]
  })
}

function tokenOf(
  platform: Platform,
  options: PlatformOptions | undefined,
  environment: Environment,
): string | undefined {
  return options?.token ?? environment[VARIABLES[platform].token]
}

function access(
  platform: Platform,
  options: PlatformOptions | undefined,
  connection: string | undefined,
  environment: Environment,
): Access {
  const own = connection === undefined ? undefined : options?.connections?.[connection]
  const variables = VARIABLES[platform]
  const token = own?.token ?? tokenOf(platform, options, environment)
  if (!token) {
    const whose = connection === undefined ? '' : ` for connection ${connection}`
    throw new TokenError(
      'missing-token',
      `no ${platform} token${whose}: ${tokenPlaces(platform, connection)}`,
    )
  }
  const apiUrl = own?.apiUrl ?? options?.apiUrl ?? environment[variables.apiUrl]
  return { token, apiUrl: apiUrl || variables.defaultUrl }
}

function slackClient({ token, apiUrl }: Access): WebClient {
  return new WebClient(token, {
    slackApiUrl: apiUrl.endsWith('/') ? apiUrl : `${apiUrl}/`,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    timeout: CALL_TIMEOUT_MS,
    // Failures reach the log with the job's facts; the library's own lines would only repeat them.
    logLevel: LogLevel.ERROR,
  })
}
