import type { DiaryReader } from '@holdfast/ledger'
import { type Clock, sleep } from '@holdfast/runtime'
import type { Ending } from '../demo/child.ts'
import type { CrewWorker } from '../demo/crew.ts'

/** `kill`: SIGKILL for a worker in the middle of a job. */
export type Fault = 'kill' | 'roll' | 'restart-gateway'

const LOOK_MS = 5
const KILL_TRIES = 20
/** Under load a worker is in the middle of a job at almost any time. */
const BUSY_WITHIN_MS = 30_000

export interface FaultsOptions {
  readonly crew: {
    readonly workers: readonly CrewWorker[]
    kill(worker: CrewWorker): Promise<void>
    roll(): Promise<readonly Ending[]>
  }
  readonly gateway: { stop(): Promise<void>; start(): Promise<void> }
  readonly diary: Pick<DiaryReader, 'openOf'>
  readonly clock: Clock
  readonly say: (line: string) => void
}

/** Does to a running stage what production does to it, one thing after the other. */
export class Faults {
  /** When each killed process was killed (Unix milliseconds). */
  readonly killedAt = new Map<number, number>()
  readonly #options: FaultsOptions
  #killCount = 0

  constructor(options: FaultsOptions) {
    this.#options = options
  }

  /** Kills that hit a job: its handler had begun by the diary, and never ended. */
  get killCount(): number {
    return this.#killCount
  }

  /** Does one thing after the other, `pauseMs` before each, until all are done or `signal` aborts. */
  async run(plan: readonly Fault[], pauseMs: number, signal: AbortSignal): Promise<void> {
    for (const fault of plan) {
      await sleep(this.#options.clock, pauseMs, signal)
      if (signal.aborted) return
      await this.#do(fault, signal)
    }
  }

  async #do(fault: Fault, signal: AbortSignal): Promise<void> {
    switch (fault) {
      case 'kill':
        return this.#killBusyWorker(signal)
      case 'roll':
        return this.#roll()
      case 'restart-gateway':
        return this.#restartGateway()
      default:
        return fault satisfies never
    }
  }

  async #killBusyWorker(signal: AbortSignal): Promise<void> {
    const { crew, diary, clock, say } = this.#options
    for (let left = KILL_TRIES; left > 0; left -= 1) {
      const worker = await this.#busyWorker(signal)
      if (!worker) return
      const hired = crew.kill(worker)
      this.killedAt.set(worker.pid, clock.wallAt())
      await worker.ended
      const cutOff = diary.openOf(worker.pid).size
      await hired
      if (cutOff === 0) continue
      this.#killCount += 1
      return say(`killed worker ${worker.pid} in the middle of ${cutOff} ${cutOff === 1 ? 'job' : 'jobs'}`)
    }
    throw new Error(`no worker was caught in the middle of a job in ${KILL_TRIES} tries`)
  }

  /** Undefined when `signal` aborts first. */
  async #busyWorker(signal: AbortSignal): Promise<CrewWorker | undefined> {
    const { crew, diary, clock } = this.#options
    const deadlineMs = clock.monotonicMs() + BUSY_WITHIN_MS
    while (!signal.aborted) {
      const busy = crew.workers.find(({ pid }) => diary.openOf(pid).size > 0)
      if (busy) return busy
      if (clock.monotonicMs() > deadlineMs) throw new Error(`no worker was in a job for ${BUSY_WITHIN_MS} ms`)
      await sleep(clock, LOOK_MS, signal)
    }
    return undefined
  }

  async #roll(): Promise<void> {
    const { crew, say } = this.#options
    const endings = await crew.roll()
    const unclean = endings.filter(({ code }) => code !== 0)
    if (unclean.length > 0) throw new Error(`a worker did not drain cleanly: ${JSON.stringify(unclean)}`)
    say(`rolled the workers: ${endings.length} drained, their successors are at work`)
  }

  async #restartGateway(): Promise<void> {
    const { gateway, say } = this.#options
    await gateway.stop()
    await gateway.start()
    say('restarted the gateway')
  }
}
