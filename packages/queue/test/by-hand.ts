import { systemClock } from '@holdfast/runtime'
import { Worker } from 'bullmq'
import { Redis } from 'ioredis'
import { createQueueView, createRedisSink, type QueueView, type Sink } from '../src/index.ts'
import { layout } from '../src/layout.ts'
import { RECLAIM, RENEW, SWEEP } from '../src/lua/sweep.ts'
import { JobScripts, type LanedJob } from '../src/redis/job-scripts.ts'
import { runScript } from '../src/redis/run-script.ts'
import { takeWhileFull } from '../src/redis/taker.ts'
import { event, freshPrefix, redis } from './harness.ts'

/**
 * The subscription `all`, worked on by hand, one script at a time: BullMQ takes a job for a worker of any name, and
 * whatever follows, or does not, the test decides.
 */
export class ByHand {
  readonly client: Redis
  readonly prefix = freshPrefix()
  readonly base = `${this.prefix}:all:`
  readonly heartbeats = layout(this.prefix).heartbeats
  readonly sink: Sink
  readonly view: QueueView
  readonly #takers: Worker[] = []

  constructor(address: { readonly url: string } = redis) {
    const options = { redis: { url: address.url }, prefix: this.prefix }
    this.client = new Redis(address.url)
    this.sink = createRedisSink({ ...options, bounds: () => undefined })
    this.view = createQueueView(options)
  }

  async start(): Promise<void> {
    await this.sink.start()
  }

  async stop(): Promise<void> {
    await Promise.all(this.#takers.map((taker) => taker.close()))
    await this.sink.stop()
    await this.view.stop()
    this.client.disconnect()
  }

  put(id: string, subject?: string) {
    const facts = subject === undefined ? {} : { subject }
    return this.sink.enqueue({ event: event(id, facts), subscriptions: ['all'] })
  }

  /** From now on the enqueue parks what has to wait. */
  async keepLanes(): Promise<void> {
    await this.client.set(layout(this.prefix).lanesKept('all'), 1)
  }

  get takenCount(): number {
    return this.#takers.length
  }

  /** Takes the next job as a worker of that name would. */
  async take(owner: string, slot = String(this.#takers.length + 1)): Promise<LanedJob> {
    const { host = '127.0.0.1', port = 6379 } = this.client.options
    const taker = new Worker('all', null, {
      connection: { host, port },
      prefix: this.prefix,
      name: owner,
      skipStalledCheck: true,
    })
    this.#takers.push(taker)
    await taker.waitUntilReady()
    takeWhileFull(await taker.getBackend().client)
    const token = `${owner}:${slot}`
    const job = await taker.getNextJob(token, { block: false })
    return {
      queue: 'all',
      jobId: job?.id ?? 'nothing',
      token,
      lane: String(Reflect.get(job?.opts ?? {}, 'lane') ?? ''),
      phase: 'running',
      abort() {},
    }
  }

  scripts(workerId = 'w'): JobScripts {
    const { client, prefix } = this
    return new JobScripts({ redis: client, prefix, workerId, lockMs: 30_000, clock: systemClock })
  }

  renew(workerId: string, ...held: LanedJob[]) {
    const pairs = held.flatMap(({ jobId, token }) => [jobId, token])
    return runScript(this.client, RENEW, this.base, [this.base, workerId, 30_000, ...pairs])
  }

  /** As a judge who has last heard of the worker at 1, unless it was heard of since. */
  async reclaim(owner: string) {
    const known = await this.client.zscore(this.heartbeats, owner)
    if (known === null) await this.client.zadd(this.heartbeats, 1, owner)
    const args = [this.base, Date.now(), 100, this.heartbeats, owner, 1, owner]
    return runScript(this.client, RECLAIM, this.base, args)
  }

  sweep(patienceMs: number) {
    return runScript(this.client, SWEEP, this.base, [this.base, Date.now(), 100, patienceMs, 0])
  }
}
