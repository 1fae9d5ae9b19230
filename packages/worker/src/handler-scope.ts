/**
 * What a piece of a handler's work belongs to, wherever it is called from: the run of the handler, and the step that it is
 * inside of. It goes along with the work through every `await` (Node's AsyncLocalStorage).
 */
import { AsyncLocalStorage } from 'node:async_hooks'
import type { WorkerLog } from './log.ts'
import type { StepKey } from './step-key.ts'

/** One run of one handler. */
export interface HandlerRun {
  readonly log: Pick<WorkerLog, 'warn'>
  /** It sleeps or waits: the promise that it awaits is never settled, and what it left behind may end as it likes. */
  isPutAway: boolean
  /** In development: where it did work outside of its steps. */
  readonly places?: Set<string>
}

interface Scope {
  readonly run?: HandlerRun
  readonly step?: StepKey
}

const scopes = new AsyncLocalStorage<Scope>()

/** Calls a handler as `run`. */
export function inRun<T>(run: HandlerRun, call: () => T): T {
  return scopes.run({ run }, call)
}

/** Calls what belongs to `step` of the run that goes on. */
export function inStep<T>(step: StepKey, call: () => T): T {
  return scopes.run({ ...scopes.getStore(), step }, call)
}

/** The run that this is called from. */
export function currentRun(): HandlerRun | undefined {
  return scopes.getStore()?.run
}

/** The innermost step that calls this. */
export function currentStep(): StepKey | undefined {
  return scopes.getStore()?.step
}

/**
 * From here on a promise that the handler left behind, and that is rejected, is told in the log. Node would end the process
 * for it, and with it jobs that have nothing to do with it. All other rejections do what they did before.
 */
export function putAway(run: HandlerRun): void {
  run.isPutAway = true
  if (!process.listeners('unhandledRejection').includes(onUnhandled)) {
    process.on('unhandledRejection', onUnhandled)
  }
}

/** Node sets the scope to that in which the promise was made (20, 22) or rejected (24). */
function onUnhandled(reason: unknown): void {
  const run = scopes.getStore()?.run
  if (run?.isPutAway) {
    const error = reason instanceof Error ? { stack: reason.stack } : { thrown: typeof reason }
    run.log.warn(
      error,
      'work beside a sleep or a wait failed after its handler was put away: put it into a ctx.step, or await it before',
    )
    return
  }
  // Where others listen too, what to do is theirs to say; without us Node would throw it.
  if (process.listenerCount('unhandledRejection') === 1) throw reason
}
