import type { Blocker, Outcome, Source, SourceOptions, TakenJob } from '@holdfast/queue'
import type { ConnectWait, WorkerDeclaration, WorkerQueue } from '../src/worker-queue.ts'
import { HeldJob } from './taken-job.ts'

/** A queue of one worker that hands over the jobs a test gives it, and keeps what was said. */
export class FakeQueue implements WorkerQueue {
  readonly said: string[] = []
  readonly outcomes: Outcome[] = []
  declaration: WorkerDeclaration | undefined
  /** What `connect` and `declare` do, where a test wants it otherwise. */
  connecting: (wait: ConnectWait) => Promise<void> = async () => {}
  declaring: () => Promise<'noted' | 'late'> = async () => 'noted'
  stopping: () => Promise<void> = async () => {}
  readonly #active = new Set<HeldJob>()
  /** Tells the worker of a fault, as a source would. */
  tellProblem: NonNullable<SourceOptions['onProblem']> = () => {}
  #run: (job: TakenJob) => Promise<Outcome> = async () => ({ kind: 'completed' })
  #whenIdle: (() => void)[] = []

  async connect(wait: ConnectWait): Promise<void> {
    this.said.push('connect')
    await this.connecting(wait)
  }

  async createSource({ run, onProblem }: SourceOptions): Promise<Source> {
    this.#run = run
    if (onProblem) this.tellProblem = onProblem
    const queue = this
    return {
      start: async () => void this.said.push('start'),
      pause: async () => void this.said.push('pause'),
      abort: () => {
        this.said.push('abort')
        for (const job of this.#active) job.abort('drain')
      },
      get activeCount() {
        return queue.#active.size
      },
      idle: () => this.#idle(),
      stop: async () => {
        await this.#idle()
        await this.stopping()
        this.said.push('stop')
      },
    }
  }

  async declare(declaration: WorkerDeclaration): Promise<'noted' | 'late'> {
    this.said.push('declare')
    this.declaration = declaration
    return this.declaring()
  }

  async handledByAnother(): Promise<'no'> {
    return 'no'
  }

  blocking: readonly Blocker[] = []

  async blockers(): Promise<readonly Blocker[]> {
    return this.blocking
  }

  async close(): Promise<void> {
    this.said.push('close')
  }

  /** Hands a job over. Resolves with its outcome. */
  async take(job: HeldJob = new HeldJob()): Promise<Outcome> {
    this.#active.add(job)
    const outcome = await this.#run(job)
    this.outcomes.push(outcome)
    this.#active.delete(job)
    if (this.#active.size === 0) for (const resolve of this.#whenIdle.splice(0)) resolve()
    return outcome
  }

  #idle(): Promise<void> {
    if (this.#active.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }
}
