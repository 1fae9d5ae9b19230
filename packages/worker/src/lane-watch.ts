import { type Blocker, interactiveQueue, type TakenJob } from '@holdfast/queue'
import type { Clock, Timer } from '@holdfast/runtime'
import type { WorkerLog } from './log.ts'

export interface LaneWatchOptions {
  readonly subscription: string
  readonly laneHoldMs: number
  /** Jobs of the subscription that have held their lane for so long while others wait behind them. */
  readonly blockers: (heldMs: number) => Promise<readonly Blocker[]>
  readonly clock: Clock
  readonly log: WorkerLog
}

/**
 * Tells, once for each run, of a handler that holds its conversation for longer than `laneHoldMs` while other events of it wait.
 * While nobody waits it is looked again, as often. Redis is asked only about jobs that run that long.
 */
export class LaneWatch {
  readonly #options: LaneWatchOptions
  /** Of a look that several jobs share. */
  #asking: Promise<readonly Blocker[]> | undefined

  constructor(options: LaneWatchOptions) {
    this.#options = options
  }

  /** Runs a job under this watch. Rejects as `run` does. */
  async watch<Ending>(job: TakenJob, run: () => Promise<Ending>): Promise<Ending> {
    const { subscription, laneHoldMs, clock } = this.#options
    // Interactive events have no lanes.
    if (job.queue === interactiveQueue(subscription)) return run()
    let ended = false
    let timer: Timer | undefined
    const lookLater = () => {
      timer = clock.setTimer(laneHoldMs, () => {
        void this.#tell(job).then((told) => {
          if (!told && !ended) lookLater()
        })
      })
    }
    lookLater()
    return run().finally(() => {
      ended = true
      timer?.clear()
    })
  }

  /** Never rejects: while Redis is away nobody knows who waits. */
  async #tell({ id, type }: TakenJob): Promise<boolean> {
    const { laneHoldMs, log } = this.#options
    const found = (await this.#ask()).find((blocker) => blocker.id === id)
    if (!found) return false
    const held = `${Math.round(laneHoldMs / 1_000)} s`
    const waiting = found.waitingCount === 1 ? '1 event waits' : `${found.waitingCount} events wait`
    log.warn(
      { job: id, type, waiting: found.waitingCount },
      `the handler of ${type} holds its conversation for ${held}, ${waiting} behind it: call ctx.leaveLane() or ctx.sleep, or give the handler order: 'none'`,
    )
    return true
  }

  #ask(): Promise<readonly Blocker[]> {
    const { blockers, laneHoldMs } = this.#options
    this.#asking ??= blockers(laneHoldMs)
      .catch(() => [])
      .finally(() => {
        this.#asking = undefined
      })
    return this.#asking
  }
}
