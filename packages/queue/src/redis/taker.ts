import { type Clock, type Closable, type ConnectionSettings, closeRedis, endsWithin } from '@holdfast/runtime'
import { type Job, Worker } from 'bullmq'
import { layout } from '../layout.ts'
import { TAKE, TAKE_KEY_COUNT } from '../lua/take.ts'
import { QueueError } from '../problem.ts'
import { Pulse, silentMsFor } from './pulse.ts'

export interface TakerOptions {
  readonly queue: string
  readonly prefix: string
  /** Stands in each job that is taken. */
  readonly workerId: string
  readonly concurrency: number
  readonly lockMs: number
  readonly clock: Clock
  /** How a connection to Redis is opened. */
  readonly connection: ConnectionSettings
  /** What becomes of a job is decided and written here: never resolves. */
  readonly process: (queue: string, job: Job, token: string) => Promise<never>
  readonly onError: (error: unknown) => void
  /** The connection over which jobs are taken is there again. */
  readonly onReconnected: () => void
}

/** One BullMQ worker, and how many jobs that it took still run. */
interface Hand {
  readonly worker: Worker
  readonly pulse: Pulse
  runningCount: number
  /** Its connections, once it has opened them. */
  connections: { readonly commands: Closable; readonly blocking: Closable } | undefined
}

/** No more of a stop than this is for BullMQ to end what it has begun to ask. */
const CLOSE_MS = 4_000
/** A worker that is replaced says goodbye within this long, or is left to itself. */
const GOODBYE_MS = 1_000

/**
 * Takes the jobs of one queue with a BullMQ worker, never more at once than its slots. A worker that does not take any more can be
 * replaced: what it took goes on, and its jobs count until they have ended.
 */
export class Taker {
  readonly #options: TakerOptions
  readonly #hands: Hand[] = []
  #takenCount = 0

  constructor(options: TakerOptions) {
    this.#options = options
  }

  get queue(): string {
    return this.#options.queue
  }

  /** How many jobs were ever taken. */
  get takenCount(): number {
    return this.#takenCount
  }

  get hasFreeSlot(): boolean {
    return this.#runningCount < this.#options.concurrency
  }

  /** What the locks of the jobs in its hands begin with. */
  get lockOwners(): readonly string[] {
    return this.#hands.map(({ worker }) => worker.id)
  }

  /** Resolves when the connections stand; jobs are taken from `run()` on. */
  async open(): Promise<void> {
    const worker = this.#createWorker()
    const hand: Hand = { worker, pulse: this.#pulse(), runningCount: 0, connections: undefined }
    this.#hands.push(hand)
    worker.on('error', (error) => this.#options.onError(error))
    await worker.waitUntilReady()
    const { client: commands, blockingClient } = worker.getBackend()
    const client = await commands
    hand.connections = { commands: client, blocking: (await blockingClient) ?? client }
    takeWhileFull(client)
    client.on('ready', this.#options.onReconnected)
    hand.pulse.start(client)
  }

  run(): void {
    this.#share()
    const worker = this.#newest()?.worker
    worker?.run().catch((error: unknown) => this.#options.onError(error))
  }

  /** Another worker with connections of its own takes the place of the one that is there. To be followed by `run()`. */
  async replace(): Promise<void> {
    const former = [...this.#hands]
    for (const hand of former) void this.#dismiss(hand)
    await this.open()
  }

  /** Takes no more. */
  async pause(): Promise<void> {
    await Promise.all(this.#hands.map(({ worker }) => worker.pause(true)))
  }

  /** Waits for the jobs that run. */
  async close(): Promise<void> {
    for (const { pulse } of this.#hands) pulse.stop()
    await Promise.all(this.#hands.map((hand) => this.#close(hand)))
  }

  /** At once, whatever runs. */
  disconnect(): void {
    for (const { worker, pulse, connections } of this.#hands) {
      pulse.stop()
      if (connections) for (const each of Object.values(connections)) cut(each)
      else worker.disconnect().catch(() => {})
    }
  }

  /**
   * What is on its way to it is given back first. One that does not take any more may not end either. BullMQ waits for the end of
   * connections, and one between two attempts has none: it waits no longer for the next attempt, and ends with it.
   */
  async #close({ worker, connections }: Hand): Promise<void> {
    const closed = worker.close()
    if (connections?.blocking.status === 'reconnecting') closeRedis(connections.blocking)
    if (connections?.commands.status === 'reconnecting') tryLast(connections.commands)
    if (!(await endsWithin(this.#options.clock, CLOSE_MS, closed))) this.disconnect()
  }

  get #runningCount(): number {
    return this.#hands.reduce((count, hand) => count + hand.runningCount, 0)
  }

  #newest(): Hand | undefined {
    return this.#hands.at(-1)
  }

  #pulse(): Pulse {
    const { prefix, lockMs, clock } = this.#options
    return new Pulse({ silentMs: silentMsFor(lockMs), key: layout(prefix).version, clock })
  }

  #createWorker(): Worker {
    const { queue, prefix, workerId, concurrency, lockMs, connection } = this.#options
    const worker: Worker = new Worker(
      queue,
      (job: Job, token?: string) => this.#process(worker, job, token ?? ''),
      {
        connection,
        name: workerId,
        prefix,
        concurrency,
        lockDuration: lockMs,
        autorun: false,
        // Locks are renewed, and stalls found, by our own: see LockKeeper and Sweeper.
        skipLockRenewal: true,
        skipStalledCheck: true,
        runRetryDelay: 1_000,
      },
    )
    return worker
  }

  async #process(worker: Worker, job: Job, token: string): Promise<never> {
    const hand = this.#hands.find((each) => each.worker === worker)
    this.#takenCount += 1
    if (hand) hand.runningCount += 1
    try {
      return await this.#options.process(this.#options.queue, job, token)
    } finally {
      if (hand) this.#letGo(hand)
    }
  }

  #letGo(hand: Hand): void {
    hand.runningCount -= 1
    if (hand === this.#newest()) return
    if (hand.runningCount === 0) this.#hands.splice(this.#hands.indexOf(hand), 1)
    this.#share()
  }

  /** What former workers still run is not the new one's to run, too. */
  #share(): void {
    const newest = this.#newest()
    if (!newest) return
    const others = this.#runningCount - newest.runningCount
    newest.worker.concurrency = Math.max(1, this.#options.concurrency - others)
  }

  async #dismiss(hand: Hand): Promise<void> {
    hand.pulse.stop()
    if (hand.runningCount === 0) this.#hands.splice(this.#hands.indexOf(hand), 1)
    const closing = hand.worker.close(true).catch(() => {})
    if (!(await endsWithin(this.#options.clock, GOODBYE_MS, closing)))
      hand.worker.disconnect().catch(() => {})
  }
}

function cut(connection: Closable): void {
  if (connection.status !== 'end') closeRedis(connection)
}

/** One more attempt, at once: it takes what waits along, or rejects it. */
function tryLast(connection: Closable): void {
  connection.disconnect()
  connection.connect().catch(() => {})
}

/** What is needed of BullMQ's connection. */
type BullClient = Pick<Awaited<ReturnType<Worker['getBackend']>['client']>, 'defineCommand'>

/** BullMQ calls its script by this name and its version, and defines it only where nobody has. */
const TAKING = /^moveToActive:[\d.]+$/

/**
 * From now on this connection takes jobs also while Redis is full.
 *
 * @throws {QueueError} `bullmq` where BullMQ calls it otherwise.
 */
export function takeWhileFull(client: BullClient): void {
  const name = Object.keys(client).find((key) => TAKING.test(key))
  if (name === undefined) throw new QueueError('bullmq', 'This version of BullMQ takes jobs in another way.')
  client.defineCommand(name, { numberOfKeys: TAKE_KEY_COUNT, lua: TAKE.text })
}
