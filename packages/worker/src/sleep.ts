import type { Opening, PauseParts } from './pause.ts'
import { readFields } from './step-result.ts'

/** Stored state: when the sleep ends. Another run, on another machine, sleeps no longer for it. */
interface SleepNote {
  readonly until: number
}

/**
 * The sleep `key`, which was noted by an earlier run or is noted now: it ends `ms` after it was first asked for. A note that can't
 * be read is none.
 */
export function openSleep(
  key: `sleep:${string}`,
  ms: number,
  { steps, clock }: PauseParts,
): Opening<void> | Promise<Opening<void>> {
  const { until } = readFields(steps.recorded(key) ?? '')
  if (typeof until === 'number') return sleepUntil(key, until, true, clock)
  const note: SleepNote = { until: Math.ceil(clock.wallAt() + ms) }
  return steps.note(key, JSON.stringify(note)).then(() => sleepUntil(key, note.until, false, clock))
}

function sleepUntil(
  key: `sleep:${string}`,
  until: number,
  isOld: boolean,
  clock: PauseParts['clock'],
): Opening<void> {
  if (clock.wallAt() >= until) return { kind: 'over', at: until, result: undefined }
  return {
    kind: 'open',
    pause: { key, endsAt: until, isOld, end: async () => {}, read: () => {} },
  }
}
