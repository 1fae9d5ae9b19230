import { type Clock, endsWithin } from '@holdfast/runtime'

/** Saying goodbye is a courtesy: a Redis that does not answer may cost so much of the stop, no more. */
export const GOODBYE_MS = 1_000

/** Whether Redis took it. What it was not told in time, or refused, its own time-to-live ends. */
export async function sayGoodbye(clock: Clock, work: Promise<unknown>): Promise<boolean> {
  const taken = work.then(
    () => true,
    () => false,
  )
  return (await endsWithin(clock, GOODBYE_MS, taken)) && taken
}
