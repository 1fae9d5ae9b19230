import { sleep, systemClock } from '@holdfast/runtime'
import type { Random } from '../fuzz/random.ts'
import type { QueueStage } from './queue-stage.ts'

export interface KillerOptions {
  readonly events: number
  /** Between kills, at least. */
  readonly everyMs: number
  readonly leastKills: number
  readonly mostKills: number
}

const LOOK_MS = 20
/** So many processes wait to take the place of one that is killed: to load a program takes longer than the time between two kills. */
const SPARE_COUNT = 2

/**
 * Kills a worker in the middle of its handlers again and again, by chance one of the busy ones; another takes its place at once.
 * Where spares are loaded too slowly, the next kill waits for one.
 */
export class Killer {
  readonly #stage: QueueStage
  readonly #options: KillerOptions
  readonly #random: Random
  readonly #spares: (() => Promise<void>)[] = []
  #coming: Promise<unknown>[] = []
  #kills = 0
  #orderedCount = 0
  #lastMs = Number.NEGATIVE_INFINITY
  #isOver = false
  #running: Promise<void> = Promise.resolve()

  constructor(stage: QueueStage, options: KillerOptions, random: Random) {
    this.#stage = stage
    this.#options = options
    this.#random = random
  }

  start(): void {
    for (let count = 0; count < SPARE_COUNT; count += 1) this.#order()
    this.#running = this.#run()
  }

  /** Whether there were as many kills as belong to so many events, or the next one waits only for someone to be busy. */
  isAbreast(eventCount: number): boolean {
    const { events, leastKills } = this.#options
    return this.#kills >= Math.floor((leastKills * eventCount) / events) || this.#isReady()
  }

  /** Resolves when nothing is on its way any more. */
  async stop(): Promise<void> {
    this.#isOver = true
    await this.#running
    await Promise.all(this.#coming)
  }

  async #run(): Promise<void> {
    const { mostKills } = this.#options
    while (!this.#isOver && this.#kills < mostKills) {
      await sleep(systemClock, LOOK_MS)
      if (this.#isReady() && this.#isWanted()) this.#killOne()
    }
  }

  #isReady(): boolean {
    return this.#spares.length > 0 && systemClock.monotonicMs() - this.#lastMs >= this.#options.everyMs
  }

  /** Those that there are to be at least are spread over the events; further ones come when it is time. */
  #isWanted(): boolean {
    const { events, leastKills, mostKills } = this.#options
    if (leastKills < mostKills) return true
    return this.#stage.trace.endedCount >= ((this.#kills + 0.5) * events) / (mostKills + 1)
  }

  #killOne(): void {
    const { trace, running } = this.#stage
    trace.read()
    const counts = running.map((worker) => ({ worker, count: trace.openOf(worker.pid).size }))
    const most = Math.max(...counts.map(({ count }) => count))
    // With one handler it might have ended it by now.
    const busy = counts.filter(({ count }) => count > 0 && count >= most / 2).map(({ worker }) => worker)
    const replace = busy.length > 0 ? this.#spares.shift() : undefined
    if (!replace) return
    this.#stage.kill(this.#random.pick(busy))
    this.#kills += 1
    this.#lastMs = systemClock.monotonicMs()
    this.#coming.push(replace())
    this.#order()
  }

  /** One more spare, where there will be a kill that it is for. */
  #order(): void {
    if (this.#orderedCount >= this.#options.mostKills) return
    this.#orderedCount += 1
    this.#coming.push(this.#stage.spare().then((spare) => this.#spares.push(spare)))
  }
}
