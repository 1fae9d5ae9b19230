import { systemClock } from '@holdfast/runtime'
import { Worker } from 'bullmq'
import type { Redis } from 'ioredis'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Outcome, TakenJob } from '../src/index.ts'
import { RECLAIM } from '../src/lua/sweep.ts'
import { HeldJobs } from '../src/redis/held-jobs.ts'
import { JobLife } from '../src/redis/job-life.ts'
import { JobScripts } from '../src/redis/job-scripts.ts'
import { runScript } from '../src/redis/run-script.ts'
import { takeWhileFull } from '../src/redis/taker.ts'
import { ByHand } from './by-hand.ts'
import { event } from './harness.ts'

const done: Outcome = { kind: 'completed' }
const SLOTS = 8
const turns = async (count: number) => {
  for (let n = 0; n < count; n++) await new Promise((resolve) => setImmediate(resolve))
}

/** Handlers run in workers that they can kill: then nothing of such a worker is heard of any more. */
type Run = (job: TakenJob, kill: () => Promise<never>) => Promise<Outcome>

/**
 * Workers in one process that die as processes do: from one moment to the next, with all that they hold. A judge takes their jobs
 * back at once and another worker takes their place, so that hundreds of deaths take a second.
 */
class Fleet {
  deaths = 0
  readonly #hand: ByHand
  readonly #run: Run
  readonly #all: Promise<void>[] = []
  #stopping = false

  constructor(hand: ByHand, run: Run) {
    this.#hand = hand
    this.#run = run
  }

  start(count: number): void {
    for (let n = 0; n < count; n++) this.#all.push(this.#seat(n))
  }

  async stop(): Promise<void> {
    this.#stopping = true
    await Promise.all(this.#all)
  }

  /** A place that is never empty for long. */
  async #seat(number: number): Promise<void> {
    for (let generation = 0; !this.#stopping; generation++) await this.#live(`w${number}g${generation}`)
  }

  async #live(owner: string): Promise<void> {
    const { client, prefix } = this.#hand
    const takers = await Promise.all(['all', 'all.interactive'].map((queue) => this.#taker(queue, owner)))
    const mortal = { dead: false }
    const scripts = new JobScripts({
      redis: mortalClient(client, mortal),
      prefix,
      workerId: owner,
      lockMs: 30_000,
      clock: systemClock,
    })
    const kill = (): Promise<never> => {
      mortal.dead = true
      return new Promise<never>(() => {})
    }
    const life = new JobLife({
      scripts,
      held: new HeldJobs(),
      keepFailed: 100,
      onProblem: () => {},
      run: (job) => this.#run(job, kill),
    })
    let token = 0
    const held = new Set<Promise<unknown>>()
    while (!mortal.dead && !this.#stopping) {
      for (const { queue, taker } of takers) {
        if (mortal.dead || held.size >= SLOTS) break
        token += 1
        const name = `${owner}:${token}`
        const job = await taker.getNextJob(name, { block: false })
        if (!job) continue
        const living: Promise<unknown> = life.process(queue, job, name).catch(() => {})
        held.add(living)
        void living.then(() => held.delete(living))
      }
      await turns(2)
    }
    if (mortal.dead) await this.#bury(owner)
    else await Promise.all(held)
    await Promise.all(takers.map(({ taker }) => taker.close(true)))
  }

  async #bury(owner: string): Promise<void> {
    this.deaths += 1
    const { client, prefix, heartbeats } = this.#hand
    await client.zadd(heartbeats, 1, owner)
    for (const queue of ['all', 'all.interactive']) {
      const base = `${prefix}:${queue}:`
      await runScript(client, RECLAIM, base, [base, Date.now(), 100, heartbeats, owner, 1, owner])
    }
  }

  async #taker(queue: string, owner: string) {
    const { host = '127.0.0.1', port = 6379 } = this.#hand.client.options
    const connection = { host, port }
    const taker = new Worker(queue, null, {
      connection,
      prefix: this.#hand.prefix,
      name: owner,
      skipStalledCheck: true,
    })
    await taker.waitUntilReady()
    takeWhileFull(await taker.getBackend().client)
    return { queue, taker }
  }
}

/** The connection of a worker that may die: then none of its calls comes to anything. */
function mortalClient(client: Redis, mortal: { readonly dead: boolean }): Redis {
  return new Proxy(client, {
    get(target, key) {
      const value: unknown = Reflect.get(target, key)
      if (typeof value !== 'function') return value
      return (...args: unknown[]) =>
        mortal.dead ? new Promise(() => {}) : Reflect.apply(value, target, args)
    },
  })
}

describe('a poison job', () => {
  let hand: ByHand
  let fleet: Fleet
  beforeEach(async () => {
    hand = new ByHand()
    await hand.start()
    await hand.keepLanes()
  })
  afterEach(async () => {
    await fleet.stop()
    await hand.stop()
  })

  const put = (id: string, facts = {}) =>
    hand.sink.enqueue({ event: event(id, facts), subscriptions: ['all'] })
  const neighbours = Array.from({ length: 50 }, (_, n) => `e.${n}`)
  const failedIn = (queue: string) => hand.client.zrange(`${hand.prefix}:${queue}:failed`, 0, -1)
  const settled = (queue: string) =>
    expect
      .poll(() => hand.view.depth(queue), { timeout: 20_000 })
      .toMatchObject({ waiting: 0, parked: 0, active: 0, retrying: 0 })

  async function expectCompleted(ids: readonly string[]): Promise<void> {
    for (const id of ids) expect(await hand.view.record('all', id)).toMatchObject({ outcome: 'completed' })
  }

  it.each([
    ['in the queue', 'all', {}],
    ['among interactive events', 'all.interactive', { interactive: true }],
  ])(
    '%s is the only one to be given up, at the third death, and all around it is done',
    async (_, queue, facts) => {
      let deathsBeside = 0
      fleet = new Fleet(hand, async (job, kill) => {
        if (job.id === 'e.poison') return kill()
        deathsBeside = Math.max(deathsBeside, job.deathCount)
        await turns(20)
        return done
      })
      for (const id of neighbours.slice(0, 25)) await put(id, { subject: `c${id.length}` })
      await put('e.poison', facts)
      for (const id of neighbours.slice(25)) await put(id)
      fleet.start(3)
      await settled('all')
      await settled('all.interactive')
      expect(await failedIn(queue)).toEqual(['e.poison'])
      expect(await hand.client.zcard(`${hand.base}failed`)).toBe(queue === 'all' ? 1 : 0)
      await expectCompleted(neighbours)
      // Who waits for its turn while the poison runs alone has killed nobody.
      expect(deathsBeside).toBeLessThanOrEqual(2)
      expect(fleet.deaths).toBe(3)
    },
  )

  it('that finishes a step each time is given up too, alone, after twenty deaths', async () => {
    let aloneBeside = 0
    let inside = 0
    fleet = new Fleet(hand, async (job, kill) => {
      if (job.id === 'e.poison') {
        await job.recordStep(`step:${job.steps.size}`, '1')
        if (fleet.deaths >= 20) aloneBeside += inside
        inside = 0
        return kill()
      }
      inside += 1
      await turns(10)
      inside -= 1
      return done
    })
    for (const id of neighbours.slice(0, 10)) await put(id)
    await put('e.poison')
    fleet.start(1)
    await settled('all')
    expect(await failedIn('all')).toEqual(['e.poison'])
    expect(fleet.deaths).toBe(21)
    expect(aloneBeside).toBe(0)
    await expectCompleted(neighbours.slice(0, 10))
  })
})
