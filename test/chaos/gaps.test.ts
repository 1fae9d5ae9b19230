import type { Allowances } from './allowances.ts'
import type { ChaosStage } from './chaos-stage.ts'
import { botsOf, type ConnectionName, SHARD_COUNT } from './connections.ts'
import type { GatewayReplica } from './gateway-replica.ts'
import { scenario } from './scenario.ts'
import { killing } from './taps/acts.ts'
import type { RedisRequest } from './taps/redis-request.ts'

/*
 * Times in which nobody heard what people said, and what the platforms' history has of them. Slack's Socket Mode has no gap in any of
 * these: it delivers again what was not acknowledged.
 */

/** What nobody hears is filled in, but for reactions, which no history holds. */
const DEAD: Allowances = {
  gaps: { rtm: 'must', discord: 'must' },
  cutOff: true,
  identifies: SHARD_COUNT,
  offline: { rtm: 1, socket: 1, discord: 1 },
}

/** Discord forgets a session within seconds, and Slack delivers again after 3 s and 15 s. */
const HASTY = { slack: { eventRetriesMs: [0, 3_000, 15_000] }, discord: { resumeWindowMs: 3_000 } }

const replicaId = 'gateway-1'

/** Resolves when no gateway lives any more. */
function killAll(stage: ChaosStage): Promise<unknown> {
  return stage.harm('SIGKILL for every gateway', () => Promise.all(stage.running.map((each) => each.kill())))
}

/** Resolves when Discord has given up the session of every shard since then. */
async function sessionsEnded({ simulator, notebook }: ChaosStage, since: number): Promise<void> {
  await notebook.until(
    () => simulator.record.of('session-end', since).length >= SHARD_COUNT,
    'the end of every session',
  )
}

/** Resolves when people have said so many more things to each connection. */
async function said({ simulator }: ChaosStage, count: number): Promise<void> {
  const since = simulator.record.end
  const isSaid = ({ kind }: { readonly kind: string }) => kind === 'event'
  let left = count * 3
  await simulator.record.until((entry) => isSaid(entry) && --left <= 0, since)
}

scenario({
  name: 'all gateways are dead until Discord has forgotten its sessions: history fills in what was said',
  promise: 'P7',
  tier: 'short',
  allows: DEAD,
  gateways: 2,
  stage: { limits: HASTY },
  run: async (stage) => {
    const since = stage.simulator.record.end
    await killAll(stage)
    await sessionsEnded(stage, since)
    await stage.startGateway({ replicaId })
    await stage.flowing()
  },
})

const TWO_MINUTES_S = 120
const SLOW_PER_SECOND = 10

scenario({
  name: 'all gateways are dead for two minutes: history fills in what was said',
  promise: 'P7',
  tier: 'full',
  allows: DEAD,
  gateways: 2,
  perSecond: SLOW_PER_SECOND,
  patienceMs: 600_000,
  stage: {
    reacts: true,
    // Half of Slack's own. Discord keeps its sessions for as long as it does.
    limits: { slack: { eventRetriesMs: [0, 30_000, 150_000] } },
  },
  run: async (stage) => {
    const since = stage.simulator.record.end
    // What is on its way to a shard in this moment is in no history, where it is a reaction, and on no socket any more.
    await stage.talk.quietly(async () => {
      await stage.caughtUp()
      await killAll(stage)
    })
    await said(stage, TWO_MINUTES_S * SLOW_PER_SECOND)
    await sessionsEnded(stage, since)
    await stage.startGateway({ replicaId })
    await stage.flowing()
    await stage.recorded('envelope', ({ what, attempt }) => what === 'acknowledged' && attempt === 3)
  },
})

/** A batch that holds what history brought of this connection. */
const filledInOf =
  (connection: ConnectionName) =>
  ({ args }: RedisRequest) =>
    args.some((arg) => arg.includes('"delivery":"backfill"') && arg.includes(`"connection":"${connection}"`))

/** Slack gives an address four times in a row. */
const TRIES = 2
/** A start, the loss of a session, a new one, the announcement, and the first page of history. */
const REACHED_WITHIN_MS = 120_000

for (const [connection, moment] of [
  ['rtm', 'before'],
  ['discord', 'executed'],
] as const) {
  scenario({
    name: `a gateway dies in the middle of filling in a gap of ${connection === 'rtm' ? 'Slack RTM' : 'Discord'}, and so do those after it`,
    promise: 'P7',
    tier: 'full',
    patienceMs: 480_000,
    allows: {
      ...DEAD,
      identifies: SHARD_COUNT * (TRIES + 1),
      offline: { rtm: TRIES + 1, socket: TRIES + 1, discord: TRIES + 1 },
    },
    stage: { limits: HASTY },
    run: async (stage) => {
      const since = stage.simulator.record.end
      await killAll(stage)
      await sessionsEnded(stage, since)
      for (let attempt = 1; attempt <= TRIES; attempt += 1) {
        const gateway: GatewayReplica = stage.launchGateway({ replicaId, taps: await stage.tap() })
        const point = { moment, script: 'enqueue' } as const
        await stage.harm('SIGKILL', () =>
          gateway.taps?.redis.at(point, killing(gateway.pid), filledInOf(connection), REACHED_WITHIN_MS),
        )
        await gateway.ended
      }
      await stage.startGateway({ replicaId })
      await stage.flowing()
    },
  })
}

const HISTORY = {
  slack: ['users.conversations', 'conversations.history'],
  discord: ['GET /guilds/:guild/channels', 'GET /channels/:channel/messages'],
} as const

scenario({
  name: 'the platforms refuse to tell their history at first, with 503 and with 429',
  promise: 'P7',
  tier: 'full',
  allows: DEAD,
  stage: { limits: HASTY },
  run: async (stage) => {
    const since = stage.simulator.record.end
    await killAll(stage)
    await sessionsEnded(stage, since)
    for (const platform of ['slack', 'discord'] as const) {
      for (const method of HISTORY[platform]) {
        await stage.fault({ fault: 'fail-requests', platform, method, status: 503, count: 3 })
        await stage.fault({ fault: 'fail-requests', platform, method, status: 429, retryAfterS: 2, count: 2 })
      }
    }
    await stage.startGateway({ replicaId })
    await stage.flowing()
    for (const platform of ['slack', 'discord'] as const) {
      for (const method of HISTORY[platform])
        await stage.notebook.until(
          () =>
            stage.simulator.record.of('refusal', since).filter((each) => each.method === method).length >= 5,
          `five refusals of ${method}`,
        )
    }
  },
})

const CUTS = 3

scenario({
  name: 'Slack RTM is cut again and again, for longer each time: each gap is filled in once',
  promise: 'P7',
  tier: 'full',
  allows: { gaps: { rtm: 'must' }, cutOff: true, offline: { rtm: CUTS } },
  stage: { reacts: true },
  run: async (stage) => {
    const bot = botsOf(stage.at).rtm
    for (let round = 1; round <= CUTS; round += 1) {
      await stage.harm('RTM is cut', () => {
        stage.simulator.fault({
          fault: 'refuse-connects',
          platform: 'slack',
          target: 'rtm',
          forMs: 700 * round,
        })
        stage.simulator.fault({ fault: 'drop-sockets', platform: 'slack', bot })
      })
      await stage.recorded('socket', (entry) => entry.what === 'opened' && entry.bot === bot)
      await stage.flowing()
    }
  },
})
