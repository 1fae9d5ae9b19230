import type { DeedLine, TraceLine } from './trace.ts'

/** What a run came to, by what its handlers noted. */
export interface TraceVerdict {
  readonly events: number
  readonly handled: number
  /** No handler of it ended. */
  readonly lost: number
  /** Ended twice, although the process that ended it first was not killed in that moment. */
  readonly repeated: number
  /** Begun before an earlier event of its lane had ended or paused, or again after a later one had begun. */
  readonly outOfOrder: number
  /** Begun while another handler of the same lane ran, or another one of the same event. */
  readonly atOnce: number
  /** Steps whose code ran again after their result had been handed to a handler. */
  readonly finishedStepsRunAgain: number
  /** Steps that ran. */
  readonly steps: number
  /** Steps whose code ran again because a death came between it and its record. */
  readonly unfinishedStepsRunAgain: number
  /** Handlers that began again for an event. */
  readonly handlersRunAgain: number
  /** Processes killed in the middle of at least one handler, and how many handlers that were in all. */
  readonly kills: number
  readonly killedHandlers: number
  /** What was found, for people; the first of each kind. */
  readonly findings: readonly string[]
}

/** A kill this long after a handler noted its end may still have come before Redis knew of it. */
const UNHEARD_MS = 1_000
const NAMED_COUNT = 20

interface Lane {
  /** Who runs now. */
  open: { readonly n: number; readonly pid: number } | undefined
  /** The latest event that ever began. */
  last: number
  /** Events that ended, or paused and so gave their place away. */
  readonly done: Set<number>
  /** Events that were put away at least once: when they come back is not a matter of order. */
  readonly paused: Set<number>
}

/**
 * Judges a run by its trace alone. Pure.
 *
 * @param eventCount events 0 to this were put on the queue, one after the other; in lane `n % laneCount` each
 */
export function judgeTrace(lines: readonly TraceLine[], eventCount: number, laneCount: number): TraceVerdict {
  const judge = new TraceJudge(laneCount)
  for (const line of lines) judge.take(line)
  return judge.verdict(eventCount)
}

class TraceJudge {
  readonly #laneCount: number
  readonly #lanes = new Map<number, Lane>()
  readonly #killedAt = new Map<number, number>()
  readonly #begun = new Set<number>()
  readonly #ends = new Map<number, DeedLine[]>()
  readonly #ran = new Set<string>()
  readonly #finished = new Set<string>()
  readonly #findings: string[] = []
  #count = {
    ...{ outOfOrder: 0, atOnce: 0, finishedStepsRunAgain: 0, unfinishedStepsRunAgain: 0 },
    ...{ handlersRunAgain: 0, kills: 0, killedHandlers: 0 },
  }

  constructor(laneCount: number) {
    this.#laneCount = laneCount
  }

  take(line: TraceLine): void {
    switch (line.what) {
      case 'kill':
        return this.#kill(line.pid, line.at)
      case 'begin':
        return this.#begin(line, this.#laneOf(line.lane))
      case 'ran':
        return this.#run(line)
      case 'got':
        return void this.#finished.add(stepOf(line))
      case 'pause':
        return this.#leave(line, 'paused')
      case 'woken':
        return this.#wake(line, this.#laneOf(line.lane))
      case 'end':
        this.#ends.set(line.n, [...(this.#ends.get(line.n) ?? []), line])
        return this.#leave(line, 'done')
      default:
        return line satisfies never
    }
  }

  verdict(events: number): TraceVerdict {
    const numbers = Array.from({ length: events }, (_, n) => n)
    const lost = numbers.filter((n) => !this.#ends.has(n))
    const repeated = [...this.#ends].filter(([, ends]) => this.#isRepeated(ends))
    for (const n of lost.slice(0, NAMED_COUNT)) this.#find(`event ${n} was lost`)
    for (const [n] of repeated.slice(0, NAMED_COUNT)) this.#find(`event ${n} was handled to its end twice`)
    return {
      events,
      handled: events - lost.length,
      lost: lost.length,
      repeated: repeated.length,
      ...this.#count,
      steps: this.#ran.size,
      findings: this.#findings,
    }
  }

  #begin({ n, lane: number, pid }: DeedLine, lane: Lane): void {
    if (this.#begun.has(n) && !lane.paused.has(n)) this.#count.handlersRunAgain += 1
    this.#begun.add(n)
    if (lane.open) this.#meet(n, number, pid, lane.open)
    lane.open = { n, pid }
    if (lane.paused.has(n)) return
    const before = n - this.#laneCount
    const isEarly = before >= 0 && !lane.done.has(before) && !lane.paused.has(before)
    if (isEarly || n < lane.last) {
      this.#count.outOfOrder += 1
      this.#find(isEarly ? `event ${n} began before ${before}` : `event ${n} began again after ${lane.last}`)
    }
    lane.last = Math.max(lane.last, n)
  }

  /** What a handler notes before it is put away it notes again when it runs again, without being put away. */
  #wake({ n, lane: number, pid }: DeedLine, lane: Lane): void {
    if (lane.open) this.#meet(n, number, pid, lane.open)
    lane.open = { n, pid }
  }

  #meet(n: number, lane: number, pid: number, other: { readonly n: number; readonly pid: number }): void {
    this.#count.atOnce += 1
    this.#find(`event ${n} of lane ${lane} ran in ${pid} while ${other.n} ran in ${other.pid}`)
  }

  #run(line: DeedLine): void {
    const step = stepOf(line)
    if (this.#finished.has(step)) {
      this.#count.finishedStepsRunAgain += 1
      this.#find(`step ${step} ran again after it had finished`)
    } else if (this.#ran.has(step)) this.#count.unfinishedStepsRunAgain += 1
    this.#ran.add(step)
  }

  #leave({ n, lane: number, pid }: DeedLine, how: 'paused' | 'done'): void {
    const lane = this.#laneOf(number)
    if (lane.open?.n === n && lane.open.pid === pid) lane.open = undefined
    lane[how].add(n)
  }

  /** Whoever was in the middle of something runs no more. */
  #kill(pid: number, at: number): void {
    this.#killedAt.set(pid, at)
    const cutOff = [...this.#lanes.values()].filter(({ open }) => open?.pid === pid)
    for (const lane of cutOff) lane.open = undefined
    if (cutOff.length > 0) this.#count.kills += 1
    this.#count.killedHandlers += cutOff.length
  }

  #isRepeated([first, second]: readonly DeedLine[]): boolean {
    if (!first || !second) return false
    const killedAt = this.#killedAt.get(first.pid)
    return killedAt === undefined || killedAt - first.at > UNHEARD_MS
  }

  #laneOf(number: number): Lane {
    const known = this.#lanes.get(number)
    if (known) return known
    const lane = { open: undefined, last: -1, done: new Set<number>(), paused: new Set<number>() }
    this.#lanes.set(number, lane)
    return lane
  }

  #find(finding: string): void {
    if (this.#findings.length < NAMED_COUNT) this.#findings.push(finding)
  }
}

const stepOf = ({ n, name = '' }: DeedLine) => `${n}/${name}`
