import type { Register } from '@holdfast/runtime'
import type { JournalStanding } from '../journal.ts'

/** How it is with Redis and with what waits for it, at the moment of the call. */
export interface OutageFacts {
  readonly redisAnswers: () => boolean
  readonly unconfirmed: () => { readonly bytes: number; readonly oldestAgeMs: number }
  readonly journal: () => JournalStanding
}

/** Whether Redis answers, what waits in memory and on disk, and whether the disk takes it. */
export function showOutages(register: Register, { redisAnswers, unconfirmed, journal }: OutageFacts): void {
  const show = (name: string, help: string, value: () => number) =>
    register.gauge(name, help, [], (shown) => shown.set(value()))
  show('holdfast_redis_up', '1 while Redis answers this gateway, else 0.', () => (redisAnswers() ? 1 : 0))
  show('holdfast_unconfirmed_bytes', 'Bytes of the events that Redis has not confirmed yet.', () => {
    return unconfirmed().bytes
  })
  show(
    'holdfast_unconfirmed_oldest_seconds',
    'Age of the oldest event that Redis has not confirmed yet; 0 where there is none.',
    () => unconfirmed().oldestAgeMs / 1_000,
  )
  show('holdfast_journal_events', 'Events in the journal of this gateway.', () => journal().count)
  show('holdfast_journal_bytes', 'Bytes of the events in the journal of this gateway.', () => journal().bytes)
  show('holdfast_journal_failing', '1 while the journal can not be written, else 0.', () =>
    journal().failing === undefined ? 0 : 1,
  )
}
