import { matchesPattern, parsePattern } from '@holdfast/events'
import type { PastEvent, Wait, Waiter } from '../ports.ts'
import type { MemoryJob } from './job.ts'
import type { MemoryQueue } from './queue.ts'

/** For how long, and how many events are kept after they were begun. */
const PAST_MS = 900_000
const PAST_MAX = 1_000

/** A job in its queue. */
export interface Place {
  readonly queue: MemoryQueue
  readonly name: string
  readonly job: MemoryJob
}

interface Past extends PastEvent {
  readonly place: Place
  readonly beganAt: number
  isTaken: boolean
}

/** What the suspended jobs of a subscription wait for, and the events that came before. */
export class MemoryWaits {
  readonly #waiting = new Map<MemoryJob, { place: Place; waits: readonly Wait[] }>()
  /** Since when a job waits for what, also over other wake-ups. */
  readonly #since = new WeakMap<MemoryJob, Map<string, number>>()
  /** Events that were taken from the past. */
  readonly #given = new WeakSet<MemoryJob>()
  #past: Past[] = []
  #lastNumber = 0
  #lastSince = 0
  #areUsed = false

  register(place: Place, waits: readonly Wait[]): void {
    if (waits.length === 0) return
    this.#areUsed = true
    this.#waiting.set(place.job, { place, waits })
    const since = this.#since.get(place.job) ?? new Map<string, number>()
    for (const { key } of waits) if (!since.has(key)) since.set(key, ++this.#lastSince)
    this.#since.set(place.job, since)
  }

  drop(job: MemoryJob): void {
    this.#waiting.delete(job)
  }

  /** Who may wait for the event, who has waited longest first. */
  candidates(event: MemoryJob): readonly Waiter[] {
    if (this.#given.has(event)) return []
    const found = [...this.#waiting.values()].flatMap(({ place: { name, job }, waits }) =>
      waits
        .filter((wait) => mayBe(wait, event))
        .map((wait) => ({
          queue: name,
          jobId: job.id,
          wait,
          since: this.#since.get(job)?.get(wait.key) ?? 0,
        })),
    )
    return found.sort((a, b) => a.since - b.since).map(({ queue, jobId, wait }) => ({ queue, jobId, wait }))
  }

  /** The place of a waiter that still waits, unless the event was taken from the past meanwhile. */
  find({ queue, jobId, wait }: Waiter, event: MemoryJob): Place | undefined {
    if (this.#given.has(event)) return undefined
    for (const { place, waits } of this.#waiting.values())
      if (place.name === queue && place.job.id === jobId && waits.some(({ key }) => key === wait.key))
        return place
    return undefined
  }

  /** Keeps an event that begins, if no lane holds it back and somebody may wait for it later. */
  keep(place: Place, beganAt: number): void {
    const { job, name } = place
    const isWanted = job.lane === '' && (this.#areUsed || name.endsWith('.interactive'))
    if (!isWanted || this.#past.some(({ id }) => id === job.id)) return
    const number = ++this.#lastNumber
    this.#past.push({ id: job.id, data: job.data, number, place, beganAt, isTaken: false })
    this.#past = this.#past.filter((past) => past.beganAt >= beganAt - PAST_MS).slice(-PAST_MAX)
  }

  /** The number of the last that was kept. */
  get lastNumber(): number {
    return this.#lastNumber
  }

  past(job: MemoryJob, wait: Wait, { sinceAt = 0, above = 0 }): readonly PastEvent[] {
    return this.#past
      .filter(({ place, isTaken, beganAt, number }) => {
        const isOpen = !isTaken && place.job !== job && beganAt >= sinceAt && number > above
        return isOpen && mayBe(wait, place.job)
      })
      .map(({ id, data, number }) => ({ id, data, number }))
  }

  take({ id, number }: PastEvent): Place | undefined {
    const past = this.#past.find((each) => each.id === id && each.number === number && !each.isTaken)
    if (!past) return undefined
    past.isTaken = true
    this.#given.add(past.place.job)
    return past.place
  }

  /** It was given to a waiter. */
  forget(job: MemoryJob): void {
    this.#past = this.#past.filter(({ place }) => place.job !== job)
  }
}

function mayBe(wait: Wait, event: MemoryJob): boolean {
  const parsed = parsePattern(wait.pattern)
  const isAny = wait.subject === undefined || wait.subject === '*'
  return parsed.ok && matchesPattern(parsed.pattern, event.type) && (isAny || wait.subject === event.subject)
}
