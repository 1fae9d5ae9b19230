import type { AbortReason } from '@holdfast/queue'
import { JobAbortedError } from './errors.ts'
import type { Ending } from './outcome.ts'
import { asWait, readPlatformProblem } from './platform-problem.ts'
import type { Steps } from './steps.ts'
import type { Suspension } from './suspension.ts'

/**
 * Calls a handler and waits for it and for every step it started, awaited or not, or until it has to be put away for a sleep
 * or a wait. Never rejects. When `giveUp` aborts first the handler is `abandoned`: it may run on, but its steps are refused
 * from then on.
 */
export async function callHandler(
  call: () => unknown,
  steps: Pick<Steps, 'settled'>,
  suspension: Pick<Suspension, 'decided' | 'stop'>,
  giveUp: AbortSignal,
): Promise<Ending> {
  const release = new AbortController()
  const abandoned = new Promise<Ending>((resolve) => {
    const abandon = () => resolve({ kind: 'abandoned' })
    if (giveUp.aborted) abandon()
    else giveUp.addEventListener('abort', abandon, { once: true, signal: release.signal })
  })
  if (giveUp.aborted) return abandoned
  const putAway = suspension.decided().catch((error: unknown) => ({ kind: 'threw', error }) as const)
  const ending = await Promise.race([abandoned, settle(call, steps), putAway])
  suspension.stop()
  release.abort()
  return ending
}

async function settle(call: () => unknown, steps: Pick<Steps, 'settled'>): Promise<Ending> {
  try {
    await call()
    const failure = await steps.settled()
    return failure ? { kind: 'threw', error: understood(failure.error) } : { kind: 'resolved' }
  } catch (error) {
    await steps.settled()
    return { kind: 'threw', error: understood(error) }
  }
}

/** A limit, or a refused token, that `ctx.slack` or `ctx.discord` ran into is a wait, as it is for `ctx.reply`. */
function understood(error: unknown): unknown {
  return asWait(readPlatformProblem(error), error) ?? error
}

/** Why the queue wants the job back, if it does. */
export function abortReason(signal: AbortSignal): AbortReason | undefined {
  if (!signal.aborted) return undefined
  return signal.reason === 'lost-lock' ? 'lost-lock' : 'drain'
}

/** The handler's own signal: aborts with an error, so that what it is passed to (`fetch`) throws one. */
export function followSignal(signal: AbortSignal): { readonly signal: AbortSignal; release(): void } {
  const controller = new AbortController()
  const follow = () => controller.abort(new JobAbortedError(abortReason(signal) ?? 'drain'))
  if (signal.aborted) follow()
  else signal.addEventListener('abort', follow, { once: true })
  return { signal: controller.signal, release: () => signal.removeEventListener('abort', follow) }
}
