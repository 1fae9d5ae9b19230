import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DiaryLine, Unheard } from '@holdfast/ledger'
import type { ClusterFleet, LocalRedis, SentinelFleet } from '@holdfast/local-redis'
import {
  createSimulator,
  type DiscordLimits,
  type Entry,
  type FaultRequest,
  type Simulator,
  type SimulatorAddresses,
  type SlackLimits,
} from '@holdfast/simulator'
import { Bots } from './bots.ts'
import {
  botsOf,
  CONNECTIONS,
  type ConnectionName,
  configLine,
  discordPopulation,
  slackWorkspace,
  throughTap,
} from './connections.ts'
import { type Observed, ofKind, type Span } from './evidence.ts'
import { withoutForgotten } from './forgotten.ts'
import { GatewayReplica } from './gateway-replica.ts'
import { Notebook } from './notebook.ts'
import { readSaid } from './numbered.ts'
import { QueueTimes } from './queue-times.ts'
import { readDeadLetters, readRedisVersion } from './redis-look.ts'
import type { Roll } from './roll.ts'
import { SIMULATOR_SETTINGS } from './settings.ts'
import { openStageRedis, type RedisKind, type StageRedis } from './stage-redis.ts'
import { Talk } from './talk.ts'
import { closeTaps, openTaps, type Taps } from './taps/taps.ts'
import type { Harm } from './verdict.ts'

export interface StageOptions {
  /** A Redis server of its own, for scenarios that hurt it. Default: the run's, with a prefix of its own. */
  readonly ownRedis?: boolean
  /** What Redis is; a fleet is always the scenario's own, and has no taps. Default: one server. */
  readonly redis?: RedisKind
  /** Further lines of every gateway's configuration. */
  readonly gatewayLines?: readonly string[]
  /** Limits of the platforms that differ from those of all scenarios. */
  readonly limits?: {
    readonly slack?: Partial<SlackLimits>
    readonly discord?: Partial<DiscordLimits>
  }
  /** Notes when each event comes on the queue. The scenario must leave Redis alone. */
  readonly timesQueue?: boolean
  /** People also react to what they say: no history has that. */
  readonly reacts?: boolean
}

/** Which gateway is started. */
export interface ReplicaOptions {
  readonly replicaId: string
  /** Default `one`. */
  readonly deployId?: string
  /** Further lines below `gateway:`, as `lease: 2s`. */
  readonly settings?: readonly string[]
  /** Its ways to Redis and the platforms. Default: straight. */
  readonly taps?: Taps
  /** Its whole environment. Default: none. */
  readonly env?: Readonly<Record<string, string>>
  /** Which it serves. Default: all. */
  readonly connections?: readonly ConnectionName[]
  /** A connection whose token no platform knows. */
  readonly badToken?: ConnectionName
}

const REDIS_FOLDER = join(import.meta.dirname, '../../.holdfast/redis')

/** Both platforms, a Redis, gateways and workers in processes of their own, and people who talk. */
export class ChaosStage {
  readonly simulator: Simulator
  readonly at: SimulatorAddresses
  readonly redis: LocalRedis
  readonly prefix: string
  readonly notebook: Notebook
  readonly talk: Talk
  readonly bots: Bots
  /** Every gateway that was ever started, in order. */
  readonly gateways: GatewayReplica[] = []
  readonly harms: Harm[] = []
  /** Every replacement by `roll`, in order. */
  readonly rolls: Roll[] = []
  /** Where the scenario wants it. */
  readonly queueTimes: QueueTimes | undefined
  /** Where configurations, logs and the diary are. */
  readonly folder: string
  readonly #options: StageOptions
  readonly #place: StageRedis
  readonly #taps: Taps[] = []
  readonly #frozen: Span[] = []
  readonly #unheard: Unheard[] = []
  readonly #forgotten: Span[] = []
  readonly #still = new Set<GatewayReplica>()

  static async open(options: StageOptions = {}): Promise<ChaosStage> {
    const redis = await openStageRedis(options.redis ?? 'single', REDIS_FOLDER, options.ownRedis === true)
    const simulator = createSimulator({
      limits: 'demo',
      slack: {
        workspaces: [slackWorkspace()],
        limits: { ...SIMULATOR_SETTINGS.slack, ...options.limits?.slack },
      },
      discord: {
        population: discordPopulation(),
        limits: { ...SIMULATOR_SETTINGS.discord, ...options.limits?.discord },
      },
    })
    return new ChaosStage(simulator, await simulator.start(), redis, options)
  }

  private constructor(
    simulator: Simulator,
    at: SimulatorAddresses,
    redis: StageRedis,
    options: StageOptions,
  ) {
    this.simulator = simulator
    this.at = at
    this.redis = redis.server
    this.#place = redis
    this.#options = options
    this.folder = mkdtempSync(join(tmpdir(), 'holdfast-chaos-'))
    this.prefix = `{${this.folder.split('/').at(-1)}}`
    this.queueTimes = options.timesQueue ? new QueueTimes(this.redis.url, this.prefix) : undefined
    this.queueTimes?.start()
    this.notebook = new Notebook(join(this.folder, 'diary.jsonl'))
    this.talk = new Talk(simulator, at, options.reacts)
    this.bots = new Bots(
      { env: this.#botEnvironment(), logFile: join(this.folder, 'bots.log') },
      this.notebook,
    )
  }

  /** Starts a gateway; resolves when it is ready. */
  async startGateway(options: ReplicaOptions): Promise<GatewayReplica> {
    const gateway = this.launchGateway(options)
    await gateway.ready()
    return gateway
  }

  /** Starts a gateway and does not wait for it. */
  launchGateway({
    replicaId,
    deployId = 'one',
    settings = [],
    taps,
    env = {},
    ...options
  }: ReplicaOptions): GatewayReplica {
    const at = taps ? throughTap(this.at, taps.platform.origin) : this.at
    const { connections = CONNECTIONS, badToken } = options
    const yaml = [
      `redis: { ${taps ? `url: '${taps.redis.url}'` : this.#place.yaml}, prefix: '${this.prefix}' }`,
      'http: { port: 0 }',
      'gateway:',
      ...[`replicaId: ${replicaId}`, `deployId: ${deployId}`].map((line) => `  ${line}`),
      // A disk of its own, which the next process of the same id finds again.
      `  journalDir: ${join(this.folder, `disk-${replicaId}`)}`,
      ...settings.map((line) => `  ${line}`),
      'connections:',
      ...connections.map((name) => `  - ${configLine(name, at, name === badToken)}`),
      ...(this.#options.gatewayLines ?? []),
    ].join('\n')
    const gateway = new GatewayReplica({ replicaId, deployId, folder: this.folder, taps, env }, yaml)
    this.gateways.push(gateway)
    return gateway
  }

  /** Ways to Redis and the platforms at which a scenario can stop one process. They end with the stage. */
  async tap(): Promise<Taps> {
    const taps = await openTaps(this.redis.url, this.at.url)
    this.#taps.push(taps)
    return taps
  }

  /** The gateways whose processes run. */
  get running(): readonly GatewayReplica[] {
    return this.gateways.filter(({ isRunning }) => isRunning)
  }

  /** Those that can answer: their processes run, nobody has asked them to end, and they do not stand still. */
  get awake(): readonly GatewayReplica[] {
    return this.running.filter((gateway) => !gateway.isEnding && !this.#still.has(gateway))
  }

  /** Does something to the stage, and remembers when. */
  async harm<Outcome>(what: string, act: () => Outcome | Promise<Outcome>): Promise<Outcome> {
    this.harms.push({ what, n: this.simulator.record.end, at: Date.now() })
    return act()
  }

  /** SIGSTOP while `meanwhile` runs, then SIGCONT. */
  async freeze(gateway: GatewayReplica, meanwhile: () => Promise<void>): Promise<void> {
    const fromAt = Date.now()
    this.#still.add(gateway)
    await this.harm('SIGSTOP', () => gateway.signal('SIGSTOP'))
    try {
      await meanwhile()
    } finally {
      this.#frozen.push({ fromAt, toAt: Date.now() })
      await this.harm('SIGCONT', () => gateway.signal('SIGCONT'))
      this.#still.delete(gateway)
    }
  }

  /** The sockets of a gateway are dead from the begin of `meanwhile` on, and it can't know at once: what RTM is given until its end counts as never read. */
  async deafen(gateway: GatewayReplica, meanwhile: () => Promise<void>): Promise<void> {
    const fromAt = Date.now()
    await this.harm(`the sockets of ${gateway.replicaId} are dead`, meanwhile)
    this.#frozen.push({ fromAt, toAt: Date.now() })
  }

  /** Redis can't be reached by this worker while `meanwhile` runs, and a little after: what it ends then may run again elsewhere. */
  async unheard(pid: number, meanwhile: () => Promise<void>): Promise<void> {
    const fromAt = Date.now()
    await meanwhile()
    this.#unheard.push({ pid, fromAt, toAt: Date.now() })
  }

  /** What Redis confirms while `meanwhile` runs it then loses with its master: handlers run again for it, and answer once all the same. */
  async forgetting(meanwhile: () => Promise<unknown>): Promise<void> {
    const fromAt = Date.now()
    await meanwhile()
    this.#forgotten.push({ fromAt, toAt: Date.now() })
  }

  /** A fault of the platforms, as one harm. */
  async fault(ask: FaultRequest): Promise<void> {
    await this.harm(`${ask.fault} on ${ask.platform}`, () => this.simulator.fault(ask))
  }

  /** Resolves when, on every connection, something said after this call has been begun by a handler. */
  async flowing(): Promise<void> {
    const since = this.simulator.record.end
    const missing = new Set<string>(CONNECTIONS)
    await this.notebook.until(
      (lines) => {
        const said = new Set(this.simulator.record.of('event', since).map(({ text }) => text))
        for (const line of lines.slice(-500)) {
          if (line.what !== 'begin' || line.delivery === 'backfill') continue
          const [connection = '', ...text] = line.key.split(' ')
          if (said.has(text.join(' '))) missing.delete(connection)
        }
        return missing.size === 0
      },
      `an event on each of ${[...missing].join(', ')}`,
    )
  }

  /** Resolves when handlers have begun so many more events of the stream than they had at this call. */
  async handled(count: number): Promise<void> {
    const begun = (lines: readonly DiaryLine[]) => lines.filter(({ what }) => what === 'begin').length
    const wanted = begun(this.notebook.read()) + count
    await this.notebook.until((lines) => begun(lines) >= wanted, `${count} more events`)
  }

  /** Resolves when so many events lie among the dead letters. */
  async deadLettered(count: number): Promise<void> {
    while ((await readDeadLetters(await this.#redisUrl(), this.prefix)).size < count) await this.handled(1)
  }

  /** Resolves with the first entry of this kind in the record, from the latest harm on, that is wanted. */
  async recorded<Kind extends Entry['kind']>(
    kind: Kind,
    wanted: (entry: Extract<Entry, { kind: Kind }>) => boolean = () => true,
  ): Promise<void> {
    const isWanted = (entry: Entry) => entry.kind === kind && wanted(entry as Extract<Entry, { kind: Kind }>)
    await this.simulator.record.until(isWanted, this.harms.at(-1)?.n ?? 0)
  }

  /** Resolves when everything said before this call has been handled to its end on every connection it was sent to. */
  async caughtUp(): Promise<void> {
    const keys = ofKind(this.simulator.record.read({ limit: Number.POSITIVE_INFINITY }).entries, 'event')
      .filter(({ text = '' }) => readSaid(text) !== undefined)
      .flatMap(({ text, deliveredTo }) => {
        const bots = botsOf(this.at)
        const there = CONNECTIONS.filter((name) =>
          deliveredTo.some(
            ({ bot, sentCount, bufferedCount }) => bot === bots[name] && sentCount + bufferedCount > 0,
          ),
        )
        return there.map((name) => `${name} ${text}`)
      })
    await this.notebook.until((lines) => {
      const ended = new Set(lines.flatMap((line) => (line.what === 'end' ? [line.key] : [])))
      return keys.every((key) => ended.has(key))
    }, 'the end of all that was said')
  }

  /** All that is known of what happened so far. */
  async observe(excusesCutOff: boolean): Promise<Observed> {
    return {
      record: this.simulator.record.read({ limit: Number.POSITIVE_INFINITY }).entries,
      diary: [...withoutForgotten(this.notebook.read(), this.#forgotten)],
      killedAt: this.bots.killedAt,
      bots: botsOf(this.at),
      guilds: new Map(this.at.discord.channels.map(({ id, guildId }) => [id, guildId])),
      deadLetters: await readDeadLetters(await this.#redisUrl(), this.prefix),
      excusesCutOff,
      frozen: this.#frozen,
      unheard: this.#unheard,
    }
  }

  async redisVersion(): Promise<string> {
    return readRedisVersion(await this.#redisUrl())
  }

  /** Where the scenario stands on one. */
  get sentinel(): SentinelFleet {
    if (!this.#place.sentinel) throw new Error('the scenario stands on no Sentinels')
    return this.#place.sentinel
  }

  /** Where the scenario stands on one. */
  get cluster(): ClusterFleet {
    if (!this.#place.cluster) throw new Error('the scenario stands on no cluster')
    return this.#place.cluster
  }

  /** Ends everything. What there is to read of it stays only where `keeps` says so; answers the folder. */
  async close(keeps: boolean): Promise<string> {
    await this.talk.stop()
    for (const gateway of this.running) await gateway.kill()
    await this.bots.end()
    await this.queueTimes?.stop()
    for (const taps of this.#taps) closeTaps(taps)
    await this.simulator.stop()
    if (!this.redis.isPaused && !this.redis.hasEnded) await this.redis.discard(this.prefix)
    await this.redis.stop()
    this.notebook.close()
    for (const [index, gateway] of this.gateways.entries())
      writeFileSync(join(this.folder, `gateway-${index + 1}-${gateway.replicaId}.log`), gateway.log())
    if (!keeps) rmSync(this.folder, { recursive: true, force: true })
    return this.folder
  }

  #redisUrl(): Promise<string> {
    return this.#place.urlOf(this.prefix)
  }

  #botEnvironment(): Readonly<Record<string, string>> {
    const { slack, discord } = this.at
    return {
      ...(this.#place.option === undefined
        ? { REDIS_URL: this.redis.url }
        : { HOLDFAST_CHAOS_REDIS: this.#place.option }),
      HOLDFAST_PREFIX: this.prefix,
      SLACK_API_URL: this.at.slackApiUrl,
      DISCORD_API_URL: this.at.discordApiUrl,
      HOLDFAST_CHAOS_DIARY: this.notebook.file,
      HOLDFAST_CHAOS_TOKENS: JSON.stringify({
        rtm: slack.bots[0]?.token,
        socket: slack.bots[1]?.token,
        discord: discord.bots[0]?.token,
      }),
    }
  }
}
