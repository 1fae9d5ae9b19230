import { matchesPattern, type Pattern, parsePattern } from '@holdfast/events'
import { interactiveQueue } from './layout.ts'
import { QueueError } from './problem.ts'
import { isNote } from './step-notes.ts'

/** A job that is tried no more, kept until someone retries or drops it. */
export interface DeadLetter {
  /** The subscription's queue, or its interactive one. */
  readonly queue: string
  /** Of the job, and of its event. */
  readonly id: string
  /** The type of its event. */
  readonly type: string
  /** One line: why it is tried no more. */
  readonly reason: string
  /** When its event was put on the queue (Unix ms). */
  readonly enqueuedAt: number
  /** When it was given up (Unix ms). */
  readonly diedAt: number
  /** How often it was tried; drains, deaths of a worker and waits are no tries. */
  readonly attemptCount: number
}

/** A dead letter with all that is kept of it. */
export interface DeadLetterInFull extends DeadLetter {
  /** The event as stored; decode it with `decodeEvent`. */
  readonly data: unknown
  readonly stack?: string
  /** Keys of the steps that its runs have finished, without notes about them: a retry goes on after them. */
  readonly steps: readonly string[]
}

/** Which dead letters are meant: those for which all of it is true. */
export interface DeadLetterFilter {
  /** A pattern of event types, like `slack.*`. */
  readonly type?: string
  /** A part of the reason, in upper or lower case. */
  readonly reason?: string
  /** Given up before this instant (Unix ms). */
  readonly diedBefore?: number
}

/** By their ids, or by what they have in common, up to `limit` of them, the oldest first. */
export type DeadLetterChoice =
  | { readonly ids: readonly string[] }
  | (DeadLetterFilter & { readonly limit?: number })

/** One page of a list. `next` is there where more may follow. */
export interface DeadLetterPage {
  readonly letters: readonly DeadLetter[]
  /** Given to `list` as `after`, leads on from here; also when letters have come or gone meanwhile. */
  readonly next?: string
}

/**
 * The dead letters of both queues of a subscription, the one that was given up first in front. Read and moved in small batches, so
 * that thousands of them hold up nobody else. All of it rejects with a `QueueError` `filter` for a type that is no pattern.
 */
export interface DeadLetters {
  list(
    subscription: string,
    options?: DeadLetterFilter & { readonly limit?: number; readonly after?: string },
  ): Promise<DeadLetterPage>
  /** One of them; undefined where there is none of this id. */
  show(subscription: string, id: string): Promise<DeadLetterInFull | undefined>
  /** How many there are. */
  count(subscription: string): Promise<number>
  /**
   * Lets them run again: with all attempts and without the deaths that it had, after their finished steps, behind what waits and
   * outside of the order. Resolves with how many there were; one that is gone meanwhile is no error.
   */
  retry(subscription: string, choice: DeadLetterChoice): Promise<number>
  /** Removes them with all that is kept for their retry. Resolves with how many there were. */
  drop(subscription: string, choice: DeadLetterChoice): Promise<number>
  stop(): Promise<void>
}

/** Where a list goes on. */
export interface Place {
  readonly diedAt: number
  readonly id: string
}

/** The dead letters of single queues, as each implementation keeps them. */
export interface DeadLetterStore {
  /** At most `count`, by `diedAt` and then by id, from behind `after`; what is shorter is the end. */
  page(queue: string, after: Place | undefined, count: number): Promise<readonly DeadLetter[]>
  show(queue: string, id: string): Promise<DeadLetterInFull | undefined>
  count(queue: string): Promise<number>
  retry(queue: string, ids: readonly string[]): Promise<number>
  drop(queue: string, ids: readonly string[]): Promise<number>
  stop(): Promise<void>
}

const PAGE = 100
/** Looked through or moved at once. */
const BATCH = 100

/** What is the same wherever dead letters are kept: choosing them, over both queues, batch by batch. */
export function deadLettersIn(store: DeadLetterStore): DeadLetters {
  const move = async (subscription: string, choice: DeadLetterChoice, how: 'retry' | 'drop') => {
    const chosen = 'ids' in choice ? undefined : await collect(store, subscription, choice)
    let count = 0
    for (const queue of queuesOf(subscription)) {
      const ids = chosen
        ? chosen.filter((letter) => letter.queue === queue).map(({ id }) => id)
        : idsOf(choice)
      for (const batch of batches(ids)) count += await store[how](queue, batch)
    }
    return count
  }
  return {
    async list(subscription, { limit = PAGE, after, ...filter } = {}) {
      const letters = await collect(store, subscription, { ...filter, limit: limit + 1 }, readPlace(after))
      const last = letters[limit - 1]
      if (letters.length <= limit || !last) return { letters }
      return { letters: letters.slice(0, limit), next: writePlace(last) }
    },
    async show(subscription, id) {
      for (const queue of queuesOf(subscription)) {
        const found = await store.show(queue, id)
        if (found) return { ...found, steps: found.steps.filter((key) => !isNote(key)) }
      }
      return undefined
    },
    async count(subscription) {
      const counts = await Promise.all(queuesOf(subscription).map((queue) => store.count(queue)))
      return counts.reduce((sum, count) => sum + count, 0)
    },
    retry: (subscription, choice) => move(subscription, choice, 'retry'),
    drop: (subscription, choice) => move(subscription, choice, 'drop'),
    stop: () => store.stop(),
  }
}

const queuesOf = (subscription: string) => [subscription, interactiveQueue(subscription)]

const idsOf = (choice: DeadLetterChoice): readonly string[] =>
  'ids' in choice ? [...new Set(choice.ids)] : []

/** All at once before any is moved: one that is given up again meanwhile is not met a second time. */
async function collect(
  store: DeadLetterStore,
  subscription: string,
  { limit = Number.POSITIVE_INFINITY, ...filter }: DeadLetterFilter & { readonly limit?: number },
  after?: Place,
): Promise<DeadLetter[]> {
  const matches = matcherOf(filter)
  const found: DeadLetter[] = []
  for (const queue of queuesOf(subscription)) {
    let count = 0
    for await (const letter of lettersOf(store, queue, after)) {
      if (count >= limit) break
      if (!matches(letter)) continue
      found.push(letter)
      count += 1
    }
  }
  return found.sort(byPlace).slice(0, limit)
}

async function* lettersOf(store: DeadLetterStore, queue: string, after: Place | undefined) {
  for (let place = after; ; ) {
    const page = await store.page(queue, place, BATCH)
    yield* page
    place = page.at(-1)
    if (page.length < BATCH || !place) return
  }
}

function matcherOf({ type, reason, diedBefore }: DeadLetterFilter): (letter: DeadLetter) => boolean {
  const pattern = type === undefined ? undefined : patternOf(type)
  const part = reason?.toLowerCase()
  return (letter) =>
    (pattern === undefined || matchesPattern(pattern, letter.type)) &&
    (part === undefined || letter.reason.toLowerCase().includes(part)) &&
    (diedBefore === undefined || letter.diedAt < diedBefore)
}

function patternOf(type: string): Pattern {
  const parsed = parsePattern(type)
  if (!parsed.ok) throw new QueueError('filter', parsed.problem)
  return parsed.pattern
}

function batches(ids: readonly string[]): readonly (readonly string[])[] {
  return Array.from({ length: Math.ceil(ids.length / BATCH) }, (_, n) =>
    ids.slice(n * BATCH, (n + 1) * BATCH),
  )
}

/** The order of the list: by when they were given up, then by id as Redis compares texts. */
export function byPlace(a: Place, b: Place): number {
  return a.diedAt - b.diedAt || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
}

const writePlace = ({ diedAt, id }: Place): string => `${diedAt}/${id}`

function readPlace(text: string | undefined): Place | undefined {
  if (text === undefined) return undefined
  const [, diedAt, id = ''] = /^(\d+)\/(.*)$/s.exec(text) ?? []
  if (diedAt === undefined)
    throw new QueueError('filter', `"${text.slice(0, 100)}" is no place of a list of dead letters`)
  return { diedAt: Number(diedAt), id }
}
