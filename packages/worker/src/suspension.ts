/**
 * When a handler is put away, and for what.
 *
 * A handler that awaits a sleep or an event does nothing else than wait, once the steps that run beside it have ended and are
 * recorded. Then it is put away: the promise that it awaits never settles, so nothing goes through its `try` and `finally`, and
 * its further steps are refused. The job leaves its slot and its lane; woken, its handler runs again from the start, and what
 * has ended answers at once.
 *
 * | the handler | becomes of it |
 * |---|---|
 * | awaits nothing of this, or only what lost its race (`awaited.ts`) | it goes on |
 * | awaits, and steps run | they are awaited first |
 * | awaits, and an event that it waits for came before | it is given the event, and goes on |
 * | awaits what is over in a second, for which the job was suspended before | it waits here: clocks differ |
 * | awaits | it is put away until the first of all ends, or the first of all events |
 *
 * Work beside it that is no step is not waited for: it is cut off from its handler, and done again by the next run.
 */
import { decodeEvent } from '@holdfast/events'
import type { PastEvent, TakenJob, Wait } from '@holdfast/queue'
import { type Clock, sleep } from '@holdfast/runtime'
import { type Demand, Demands } from './awaited.ts'
import { JobAbortedError } from './errors.ts'
import type { Opening, Pause } from './pause.ts'
import type { Steps } from './steps.ts'
import { matchesWait, writeWaitEnd } from './wait-spec.ts'

/** A job that is woken by a faster clock than this worker's is not suspended again for so little. */
const SIT_OUT_MS = 1_000

/** What a handler was put away for. */
export interface Suspended {
  readonly kind: 'suspended'
  readonly wakeAt: number
  readonly waits: readonly Wait[]
}

/** A pause that the handler has a promise of. Settled by at most one of the two. */
interface Entry {
  readonly pause: Pause<unknown>
  readonly demand: Demand
  readonly resolve: (result: unknown) => void
}

type Awaited = NonNullable<Pause<unknown>['awaited']>

interface SuspensionParts {
  readonly job: Pick<TakenJob, 'id' | 'pastEvents' | 'takePast'>
  readonly steps: Steps
  readonly clock: Clock
}

/** The pauses of one run of a handler. */
export class Suspension {
  readonly #parts: SuspensionParts
  readonly #demands = new Demands()
  readonly #entries = new Set<Entry>()
  readonly #stop = new AbortController()
  #over: { readonly at: number; readonly tell: () => void }[] = []
  #onAsked = () => {}

  constructor(parts: SuspensionParts) {
    this.#parts = parts
  }

  /** Lets a step's promise take part in races with pauses. The same promise. */
  watch<T>(promise: Promise<T>): Promise<T> {
    this.#demands.watch(promise)
    return promise
  }

  /** A promise of what the pause gives. It settles in this run, or the handler is put away. */
  pause<T>(open: () => Opening<T> | Promise<Opening<T>>): Promise<T> {
    const { promise, resolve, reject } = deferred<T>()
    const demand = this.#demands.watch(promise, () => this.#onAsked())
    const enter = (opening: Opening<T>) => {
      if (opening.kind === 'over') return this.#tellInOrder(opening.at, () => resolve(opening.result))
      this.#entries.add({ pause: opening.pause, demand, resolve: resolve as Entry['resolve'] })
      this.#onAsked()
    }
    const opening = opened(open)
    if (opening instanceof Promise) this.#parts.steps.track(opening).then(enter, reject)
    else enter(opening)
    return promise
  }

  /** Resolves when the handler has to be put away; from then on its steps are refused. Never, once it is stopped. */
  async decided(): Promise<Suspended> {
    const { steps } = this.#parts
    while (!this.#stop.signal.aborted) {
      await this.#asked()
      await quiet(steps)
      const { activity } = steps
      const live = this.#live()
      if (live.length === 0 || this.#stop.signal.aborted) continue
      if ((await this.#lookBack(live)) || (await this.#sitOut(live))) continue
      if (this.#stop.signal.aborted || steps.activity !== activity || !steps.isIdle) continue
      steps.end()
      return suspendedFor(live)
    }
    return new Promise(() => {})
  }

  /** The handler has ended. */
  stop(): void {
    this.#stop.abort()
  }

  /** What was over when it was asked for is told in the order in which it ended, so that races end as they did before. */
  #tellInOrder(at: number, tell: () => void): void {
    if (this.#over.length === 0) {
      queueMicrotask(() => {
        for (const over of this.#over.splice(0).sort((a, b) => a.at - b.at)) over.tell()
      })
    }
    this.#over.push({ at, tell })
  }

  #live(): readonly Entry[] {
    return [...this.#entries].filter(({ demand }) => demand.isLive)
  }

  async #asked(): Promise<void> {
    while (this.#live().length === 0) {
      await new Promise<void>((resolve) => {
        this.#onAsked = resolve
      })
    }
  }

  /** Whether an event came before the handler waited for it. What comes from here on, the queue tells when it is to suspend the job. */
  async #lookBack(live: readonly Entry[]): Promise<boolean> {
    for (const entry of live) {
      const { awaited } = entry.pause
      if (!awaited) continue
      for (const past of await this.#parts.job.pastEvents(awaited.wait, awaited.sinceAt)) {
        if (await this.#take(past, entry, awaited)) return true
      }
    }
    return false
  }

  async #take(past: PastEvent, entry: Entry, { wait }: Awaited): Promise<boolean> {
    const { job, steps, clock } = this.#parts
    const decoded = decodeEvent(past.data)
    // The handler's own event is of the past, too.
    if (!decoded.ok || past.id === job.id || !matchesWait(decoded.event, wait)) return false
    if (this.#stop.signal.aborted) return false
    const text = writeWaitEnd({ event: decoded.event, at: clock.wallAt() })
    const taken = await job.takePast(past, wait.key, text)
    if (taken === 'lost-lock') throw new JobAbortedError('lost-lock')
    if (taken === 'gone') return false
    steps.learn(wait.key, text)
    this.#settle(entry, entry.pause.read(text))
    return true
  }

  /** Ends what is over, or nearly. */
  async #sitOut(live: readonly Entry[]): Promise<boolean> {
    const { clock } = this.#parts
    const [first] = [...live].sort((a, b) => a.pause.endsAt - b.pause.endsAt)
    if (first === undefined) return false
    const leftMs = first.pause.endsAt - clock.wallAt()
    if (leftMs > (first.pause.isOld ? SIT_OUT_MS : 0)) return false
    if (leftMs > 0) {
      await sleep(clock, leftMs, this.#stop.signal)
      return true
    }
    if (this.#stop.signal.aborted) return true
    this.#settle(first, await first.pause.end())
    return true
  }

  #settle(entry: Entry, result: unknown): void {
    this.#entries.delete(entry)
    entry.resolve(result)
  }
}

/** What can't be opened rejects, as steps do. */
function opened<T>(open: () => Opening<T> | Promise<Opening<T>>): Opening<T> | Promise<Opening<T>> {
  try {
    return open()
  } catch (error) {
    return Promise.reject(error)
  }
}

function suspendedFor(live: readonly Entry[]): Suspended {
  return {
    kind: 'suspended',
    wakeAt: Math.min(...live.map(({ pause }) => pause.endsAt)),
    waits: live.flatMap(({ pause }) => (pause.awaited ? [pause.awaited.wait] : [])),
  }
}

/** No step runs, and the handler had its turn after the last one ended: it would have begun another by now. */
async function quiet(steps: Steps): Promise<void> {
  do {
    await steps.settled()
    await new Promise((resolve) => setImmediate(resolve))
  } while (!steps.isIdle)
}

interface Deferred<T> {
  readonly promise: Promise<T>
  readonly resolve: (result: T) => void
  readonly reject: (error: unknown) => void
}

/** One whose failure nobody has to await: the steps tell of it. */
function deferred<T>(): Deferred<T> {
  let resolve: (result: T) => void = () => {}
  let reject: (error: unknown) => void = () => {}
  const promise = new Promise<T>((onResult, onError) => {
    resolve = onResult
    reject = onError
  })
  promise.catch(() => {})
  return { promise, resolve, reject }
}
