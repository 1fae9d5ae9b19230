import type { OutgoingEvent } from '@holdfast/events'
import type { Timer } from '@holdfast/runtime'
import type { Order } from '../ports.ts'

/** A job of the in-memory queue. */
export interface MemoryJob {
  readonly id: string
  readonly type: string
  readonly data: unknown
  readonly lane: string
  readonly subject: string | undefined
  readonly enqueuedAt: number
  readonly steps: Map<string, string>
  state: 'waiting' | 'parked' | 'active' | 'retrying' | 'sleeping' | 'failed'
  /** Woken, and has not run since: it comes in front of its lane. */
  isWoken: boolean
  /** When it was put on the queue, or woken last. */
  readyAt: number
  attemptsSpent: number
  /** For good. */
  leftLane: boolean
  lastStepAt: number
  stepBeforeAt: number
  timer?: Timer
  /** Of a dead letter. */
  death?: { readonly diedAt: number; readonly reason: string; readonly stack?: string }
}

export function newJob(event: OutgoingEvent, order: Order, enqueuedAt: number): MemoryJob {
  return {
    id: event.id,
    type: event.type,
    data: JSON.parse(event.text),
    lane: laneOf(event, order),
    subject: event.subject,
    enqueuedAt,
    steps: new Map(),
    state: 'waiting',
    isWoken: false,
    readyAt: enqueuedAt,
    attemptsSpent: 0,
    leftLane: false,
    lastStepAt: enqueuedAt,
    stepBeforeAt: enqueuedAt,
  }
}

/** No handler has had it in its hands, as far as the books tell. */
export const isUntouched = (job: MemoryJob): boolean =>
  job.attemptsSpent === 0 && job.steps.size === 0 && job.state !== 'sleeping' && !job.isWoken

function laneOf(event: OutgoingEvent, order: Order): string {
  if (event.interactive || order === 'none') return ''
  return (order === 'actor' ? event.actor : event.subject) ?? ''
}
