import { createWatch, type LeaseStore, type MemoryLeaseStore } from '@holdfast/ownership'
import type { ConnectionConfig, ManualClock } from '@holdfast/runtime'
import type { OpenSocket } from '../src/drivers/socket.ts'
import type { Publish } from '../src/ports.ts'
import { memberFields } from '../src/services.ts'
import { Ownership } from '../src/tenure/ownership.ts'
import type { TenureMetrics } from '../src/tenure/seat.ts'
import { judgeOwnership } from '../src/tenure/standing.ts'
import { UnitTenure } from '../src/tenure/unit-tenure.ts'
import { type DriverFactory, Units } from '../src/units.ts'
import { FakeDriver } from './fake-driver.ts'
import { recordingLog, unitTools } from './fixtures.ts'

export interface ReplicaOptions {
  readonly leases: MemoryLeaseStore
  readonly clock: ManualClock
  readonly connections: readonly ConnectionConfig[]
  readonly replica?: string
  readonly run?: string
  readonly deploy?: string
  /** Told of each driver when it is made. */
  readonly onDriver?: (made: MadeDriver) => void
  readonly publish?: Publish
}

/** A driver that was made, and for what. */
export interface MadeDriver {
  readonly connection: ConnectionConfig
  readonly driver: FakeDriver
  readonly tools: Parameters<DriverFactory['slackRtm']>[1]
}

/** One gateway's part in owning units, over leases in memory and drivers without sockets. */
export class Replica {
  readonly log = recordingLog()
  readonly made: MadeDriver[] = []
  /** Addresses of sockets that were opened. */
  readonly opened: string[] = []
  readonly shown: string[] = []
  readonly gone: string[] = []
  readonly removed: string[] = []
  readonly counts = { handedOver: 0, free: 0, still: 0, restart: 0, lost: 0 }
  /** Cut off from Redis; what it asks meanwhile fails. */
  away = false
  readonly units: Units
  readonly ownership: Ownership
  readonly #onDriver: (made: MadeDriver) => void

  constructor(options: ReplicaOptions) {
    const { leases, clock, connections, onDriver, publish = unitTools.publish } = options
    const { replica = 'a', run = `run-${replica}`, deploy = 'blue' } = options
    const { log } = this
    this.#onDriver = onDriver ?? (() => {})
    const store = this.#cuttable(leases)
    const onNews = () => this.ownership.nudge()
    const tenure = {
      ...{
        store,
        publish,
        onNews,
        clock,
        log,
        openSocket: this.#open,
        redisAnswers: () => !this.away,
      },
      run: { replica, run },
      graceMs: 1_000,
      metrics: this.#metrics,
    }
    this.units = new Units(connections, {
      drivers: this.#factory,
      tenureOf: (candidate) => new UnitTenure(candidate, tenure),
      metrics: {
        connection: (id) => void this.shown.push(id),
        forgetStates: (id) => void this.gone.push(id),
        forgetConnection: (id) => void this.removed.push(id),
      },
      ...{ clock, log, onNews },
      fetch: discordAnswers,
    })
    this.ownership = new Ownership({
      run: { replica, run },
      times: { leaseMs: 5_000, rebalanceAfterMs: 60_000 },
      news: leases.news(),
      watch: createWatch(),
      fields: memberFields(deploy, () => this.units.statuses(), clock),
      ...{ deploy, store, units: this.units, clock, log },
    })
  }

  /** `ok`, or why it does not count as ready. */
  get standing(): string {
    const { status, why } = judgeOwnership(this.ownership.standing)
    return why ?? status
  }

  /** Each unit that it holds, and how it is. */
  get serving(): string[] {
    return this.units
      .statuses()
      .map(
        ({ connection, shard, state }) => `${connection}${shard === undefined ? '' : `/${shard}`} ${state}`,
      )
  }

  driversOf(id: string): FakeDriver[] {
    return this.made.filter(({ connection }) => connection.id === id).map(({ driver }) => driver)
  }

  #cuttable(leases: MemoryLeaseStore): LeaseStore {
    return new Proxy<LeaseStore>(leases, {
      get: (store, name: keyof LeaseStore) =>
        this.away && name !== 'leave'
          ? () => Promise.reject(new Error('Connection is closed.'))
          : store[name].bind(store),
    })
  }

  readonly #open: OpenSocket = (url, handlers) => {
    this.opened.push(url)
    return unitTools.openSocket(url, handlers)
  }

  readonly #metrics: TenureMetrics = {
    handedOver: () => void this.counts.handedOver++,
    takenOver: (reason) => void this.counts[reason]++,
    lost: () => void this.counts.lost++,
  }

  /** Drivers that connect as soon as they start. */
  readonly #factory: DriverFactory = {
    slackRtm: (connection, tools) => this.#add(connection, { transport: 'rtm' }, tools),
    slackSocketMode: (connection, tools) => this.#add(connection, { transport: 'socket-mode' }, tools),
    discord: (connection, shard, _count, tools) =>
      this.#add(connection, { transport: 'gateway', shard }, tools),
  }

  #add(
    connection: ConnectionConfig,
    unit: Pick<ReturnType<FakeDriver['status']>, 'transport' | 'shard'>,
    tools: MadeDriver['tools'],
  ): FakeDriver {
    const driver = new FakeDriver({ connection: connection.id, platform: connection.platform, ...unit })
    const made = { connection, driver, tools }
    this.made.push(made)
    this.#onDriver(made)
    return driver
  }
}

/** Lets time pass as it does for a process that is not frozen: what is due is done before more of it passes. */
export async function pass(clock: ManualClock, ms: number): Promise<void> {
  for (let leftMs = ms; leftMs > 0; leftMs -= STEP_MS) {
    clock.advance(Math.min(leftMs, STEP_MS))
    await new Promise(setImmediate)
  }
}
const STEP_MS = 50

/** Discord, asked how many shards a bot should have. */
const discordAnswers: typeof fetch = async () =>
  Response.json({
    url: 'wss://gateway.discord.gg',
    shards: 2,
    session_start_limit: { total: 1_000, remaining: 999, reset_after: 1, max_concurrency: 1 },
  })
