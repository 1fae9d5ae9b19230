import type { AbortReason, Outcome } from '@holdfast/queue'
import { DiscardError } from './errors.ts'
import type { WorkerLog } from './log.ts'
import { type Ending, reasonOf } from './outcome.ts'

/** One line for each job that did not simply complete: what happened, and what happens next. Never a payload. */
export function logOutcome(log: WorkerLog, outcome: Outcome, ending?: Ending, aborted?: AbortReason): void {
  const error = ending?.kind === 'threw' ? ending.error : undefined
  const stack = error instanceof Error ? { stack: error.stack } : {}
  switch (outcome.kind) {
    case 'completed':
      if (error instanceof DiscardError) log.info({}, `discarded by the handler: ${error.message}`)
      break
    case 'retry':
      log.warn(stack, `${outcome.reason}; runs again in ${outcome.delayMs} ms`)
      break
    case 'dead':
      log.error(stack, `${outcome.reason}; kept as a dead letter`)
      break
    case 'returned':
      // A lost lock was told by the queue, when it noticed.
      if (aborted === 'lost-lock') break
      if (ending?.kind === 'abandoned')
        log.warn({}, 'its handler did not stop in time; given back unfinished')
      else log.info({}, error === undefined ? 'given back' : `given back unfinished (${reasonOf(error)})`)
      break
    case 'passed':
      log.debug({}, `no handler here; another worker is to take it in ${outcome.delayMs} ms`)
      break
    case 'suspended':
    case 'given':
      break
    default:
      outcome satisfies never
  }
}
