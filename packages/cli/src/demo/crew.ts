import { type Clock, sleep } from '@holdfast/runtime'
import type { Child, Ending } from './child.ts'

/** A worker's own drain (10 s) and a little more. */
const STOP_MS = 14_000
/** Before another takes the place of one that ended by itself: doubles with each that never came to work. */
const REPLACE_MS = { first: 1_000, most: 30_000 }
/** How many of those that are gone are still told of. */
const GONE_COUNT = 2

export interface CrewOptions {
  readonly size: number
  /** Starts a process that runs this generation of the bot. It sends a message when it takes jobs. */
  readonly hire: (name: string, generation: number) => CrewWorker
  /** Told of each worker that ended unasked, in one line. */
  readonly onTrouble: (line: string) => void
  readonly clock: Clock
}

/** A worker's process. */
export type CrewWorker = Pick<
  Child,
  'name' | 'pid' | 'running' | 'ended' | 'firstMessage' | 'signal' | 'stop' | 'lastWords'
>

/** A worker, as people see it. */
export interface CrewMember {
  readonly child: CrewWorker
  readonly generation: number
  readonly state: 'starting' | 'up' | 'draining' | 'killed' | 'ended'
}

/** The worker processes: as many as wanted, whatever becomes of single ones. */
export class Crew {
  readonly #options: CrewOptions
  readonly #stopped = new AbortController()
  /** In the order in which they were hired; of those that are gone, the last few. */
  #members: readonly CrewMember[] = []
  #generation = 1
  /** Those that start are of a version that has yet to prove itself: the roll tells what becomes of them. */
  #rolling = false
  #hiredCount = 0
  /** Of those hired since one last came to work. */
  #failureCount = 0

  constructor(options: CrewOptions) {
    this.#options = options
  }

  get members(): readonly CrewMember[] {
    return this.#members
  }

  /** Those that take jobs, or will. */
  get workers(): readonly CrewWorker[] {
    const working = this.#members.filter(({ state }) => state === 'starting' || state === 'up')
    return working.map(({ child }) => child)
  }

  get generation(): number {
    return this.#generation
  }

  /** Resolves when all take jobs. Rejects when one ended instead; then nobody is hired in its place. */
  async start(): Promise<void> {
    await this.#fill().catch((error: unknown) => {
      this.#stopped.abort()
      throw error
    })
  }

  /** Ends a worker with SIGKILL and puts another in its place. Resolves when that one takes jobs. */
  async kill(worker: CrewWorker): Promise<void> {
    this.#change(worker, 'killed')
    worker.signal('SIGKILL')
    await worker.ended
    await this.#fill()
  }

  /**
   * Replaces all by workers of the next generation: starts those first, then drains the old. Rejects when the new ones do
   * not start: then they are stopped and the old ones stay.
   */
  async roll(): Promise<readonly Ending[]> {
    const old = this.workers
    this.#generation += 1
    this.#rolling = true
    const hired = Array.from({ length: this.#options.size }, () => this.#hire())
    try {
      await Promise.all(hired.map((worker) => worker.firstMessage))
    } catch (error) {
      this.#generation -= 1
      await this.#drain(hired)
      throw error
    } finally {
      this.#rolling = false
    }
    return this.#drain(old)
  }

  /** Resolves when none is left. */
  async stop(): Promise<void> {
    this.#stopped.abort()
    const running = this.#members.filter(({ child }) => child.running)
    await this.#drain(running.map(({ child }) => child))
  }

  async #fill(): Promise<void> {
    const missing = Math.max(0, this.#options.size - this.workers.length)
    const hired = Array.from({ length: missing }, () => this.#hire())
    await Promise.all(hired.map((worker) => worker.firstMessage))
  }

  #hire(): CrewWorker {
    this.#hiredCount += 1
    const name = `worker-${this.#hiredCount}`
    const child = this.#options.hire(name, this.#generation)
    this.#members = [...this.#members, { child, generation: this.#generation, state: 'starting' }]
    void child.ended.then((ending) => this.#gone(child, ending))
    child.firstMessage.then(
      () => this.#atWork(child),
      () => {
        // Told when it has ended.
      },
    )
    return child
  }

  #drain(workers: readonly CrewWorker[]): Promise<readonly Ending[]> {
    for (const worker of workers) if (worker.running) this.#change(worker, 'draining')
    return Promise.all(workers.map((worker) => worker.stop(STOP_MS, this.#options.clock)))
  }

  #atWork(child: CrewWorker): void {
    this.#failureCount = 0
    if (this.#find(child)?.state === 'starting') this.#change(child, 'up')
  }

  #gone(child: CrewWorker, ending: Ending): void {
    const { signal } = ending
    const before = this.#find(child)?.state
    this.#change(child, before === 'killed' || signal === 'SIGKILL' ? 'killed' : 'ended')
    const gone = this.#members.filter((member) => !member.child.running)
    const forgotten = gone.slice(0, Math.max(0, gone.length - GONE_COUNT))
    this.#members = this.#members.filter((member) => !forgotten.includes(member))
    if (before === 'up' || (before === 'starting' && !this.#rolling))
      void this.#replace(child, before, ending)
  }

  /** Another takes the place of one that ended unasked: later and later, where they do not come to work at all. */
  async #replace(child: CrewWorker, before: 'starting' | 'up', { signal }: Ending): Promise<void> {
    const { clock, onTrouble } = this.#options
    if (this.#stopped.signal.aborted) return
    if (before === 'starting') this.#failureCount += 1
    const waitMs = Math.min(REPLACE_MS.first * 2 ** this.#failureCount, REPLACE_MS.most)
    // Who is killed says no last words.
    const how =
      signal === null ? `ended by itself: ${child.lastWords()}` : `was ended from outside (${signal})`
    onTrouble(`${child.name} ${how}; another takes its place in ${waitMs / 1_000} s`)
    await sleep(clock, waitMs, this.#stopped.signal)
    // One that does not start is told of as it ends.
    if (!this.#stopped.signal.aborted) await this.#fill().catch(() => {})
  }

  #find(child: CrewWorker): CrewMember | undefined {
    return this.#members.find((member) => member.child === child)
  }

  #change(child: CrewWorker, state: CrewMember['state']): void {
    this.#members = this.#members.map((member) => (member.child === child ? { ...member, state } : member))
  }
}
