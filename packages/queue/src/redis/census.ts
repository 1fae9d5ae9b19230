import type { RedisHome } from '@holdfast/runtime'
import type { Census, CensusTaker, WorkerSeen } from '../census.ts'
import { readDeclaration } from '../declaration.ts'
import { layout } from '../layout.ts'
import { CENSUS, HOLDERS } from '../lua/census.ts'
import type { Partition } from '../partition.ts'
import type { Subscription } from '../ports.ts'
import { areTexts, type Registration, readRegistration, recordOf } from '../registration.ts'
import type { Declaration } from '../subscription.ts'
import { bears, connectedNames } from './connected-names.ts'
import { checkLayout } from './layout-claim.ts'
import { PartitionConnections } from './partition-connections.ts'
import { Partitions } from './partitions.ts'
import { hashOf } from './reply.ts'
import { runScript } from './run-script.ts'

export type CensusTakerOptions = RedisHome

/** Beats come four times a second: who has missed several of them is silent. */
const SILENT_MS = 2_000
/** Where nobody can see who is connected, the silent are forgotten after this long, as the workers do with each other. */
const FORGET_MS = 60_000
/** With more active jobs on a queue than this, they are not counted worker by worker. */
const HELD_BOUND = 5_000

export function createCensusTaker(options: CensusTakerOptions): CensusTaker {
  return new RedisCensusTaker(options)
}

/** What one look at the books of a partition finds, not yet read; wishes and declarations are in those of home alone. */
interface Books {
  readonly partition: Partition
  readonly now: number
  readonly beats: ReadonlyMap<string, number>
  readonly registrations: ReadonlyMap<string, string>
  readonly wishes: ReadonlyMap<string, string>
  readonly declarations: ReadonlyMap<string, string>
}

/** Reads and never writes: it must not keep alive, strike or wake anything that it looks at. */
class RedisCensusTaker implements CensusTaker {
  readonly #connections: PartitionConnections
  readonly #partitions: Partitions
  readonly #prefix: string

  constructor(home: CensusTakerOptions) {
    this.#connections = new PartitionConnections(home, 'holdfast:census')
    this.#partitions = new Partitions(this.#connections.home, home.prefix)
    this.#prefix = home.prefix
  }

  async take(): Promise<Census> {
    await checkLayout(this.#connections.home, this.#prefix)
    const home = await this.#open('home')
    const used = await this.#partitions.used()
    const others = used.filter((partition) => partition !== 'home')
    const subscriptions = readSubscriptions(home)
    const looks = [home, ...(await Promise.all(others.map((each) => this.#open(each))))].map(
      async (books) => {
        const present = await this.#present(books.partition, readWorkers(books, home.wishes))
        const held = await this.#held(books.partition, present)
        return present.map((worker) => describe(worker, held))
      },
    )
    const workers = (await Promise.all(looks)).flat()
    const known = await Promise.all(subscriptions.known.map((each) => this.#located(each)))
    const counted = known.map((each) => ({
      ...each,
      workerCount: workers.filter(({ subscription }) => subscription === each.name).length,
    }))
    return { subscriptions: counted, workers, unreadable: subscriptions.unreadable }
  }

  async stop(): Promise<void> {
    this.#connections.close()
  }

  async #located(declared: Declaration): Promise<Declaration & Pick<Subscription, 'partition'>> {
    const partition = await this.#partitions.find(declared.name)
    return partition === 'home' ? declared : { ...declared, partition }
  }

  async #open(partition: Partition): Promise<Books> {
    const { heartbeats, workers, wishers, subscriptions } = layout(this.#connections.prefixOf(partition))
    const redis = this.#connections.to(partition)
    const reply = await runScript(redis, CENSUS, heartbeats, [workers, wishers, subscriptions])
    const [now, beats, registrations, wishes, declarations] = Array.isArray(reply) ? reply : []
    return {
      partition,
      now: Number(now),
      beats: new Map([...hashOf(beats)].map(([id, at]) => [id, Number(at)])),
      registrations: hashOf(registrations),
      wishes: hashOf(wishes),
      declarations: hashOf(declarations),
    }
  }

  /** Without the dead: who is silent and has no connection any more, whether or not a worker is there to judge it. */
  async #present(partition: Partition, workers: readonly Registered[]): Promise<readonly Registered[]> {
    if (workers.every(({ silentMs }) => silentMs < SILENT_MS)) return workers
    const names = await connectedNames(this.#connections.to(partition)).catch(() => undefined)
    return workers.filter(({ registration, silentMs }) => {
      if (silentMs < SILENT_MS) return true
      if (!names) return silentMs < FORGET_MS
      return names.some((name) => bears(name, registration.workerId))
    })
  }

  /** How many jobs each lock owner holds; the queues with too many to count are not in it. */
  async #held(partition: Partition, workers: readonly Registered[]): Promise<Held> {
    const queues = [...new Set(workers.flatMap(({ registration }) => registration.queues))]
    const base = layout(this.#connections.prefixOf(partition))
    const redis = this.#connections.to(partition)
    const looks = queues.map(async (queue) => {
      const reply = await runScript(redis, HOLDERS, base.meta(queue), [base.base(queue), HELD_BOUND])
      const [owners] = Array.isArray(reply) ? reply : []
      return Array.isArray(owners) ? ([queue, owners.map(String)] as const) : undefined
    })
    return new Map((await Promise.all(looks)).filter((each) => each !== undefined))
  }
}

type Held = ReadonlyMap<string, readonly string[]>

/** A worker that is in the books. */
interface Registered {
  readonly registration: Registration
  readonly patterns: readonly string[]
  readonly silentMs: number
}

function readWorkers({ now, beats, registrations }: Books, wishes: Books['wishes']): Registered[] {
  return [...beats].flatMap(([workerId, lastBeatAt]) => {
    const registration = readRegistration(registrations.get(workerId) ?? '')
    if (!registration) return []
    const { handles, patterns } = recordOf(wishes.get(workerId) ?? '')
    const known = areTexts(handles) ? handles : areTexts(patterns) ? patterns : []
    return [{ registration, patterns: known, silentMs: Math.max(0, now - lastBeatAt) }]
  })
}

function describe({ registration, patterns, silentMs }: Registered, held: Held): WorkerSeen {
  const { lockOwners, queues, ...rest } = registration
  const counts = queues.map((queue) => held.get(queue)?.filter((owner) => lockOwners.includes(owner)).length)
  const activeCount = counts.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  )
  return {
    ...rest,
    subscription: queues[0] ?? '',
    patterns,
    state: silentMs < SILENT_MS ? 'alive' : 'silent',
    lastBeatAgeMs: silentMs,
    ...(activeCount === undefined ? {} : { activeCount }),
  }
}

function readSubscriptions({ declarations }: Books) {
  const read = [...declarations].map(([name, text]) => readDeclaration(name, text) ?? name)
  return {
    known: read.filter((each) => typeof each !== 'string').sort((a, b) => (a.name < b.name ? -1 : 1)),
    unreadable: read.filter((each) => typeof each === 'string'),
  }
}
