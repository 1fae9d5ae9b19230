import type { SourceProblem } from '@holdfast/queue'
import type { WorkerLog } from './log.ts'

/** error: a person must act; warn: it mends itself, or is recovered from at a cost. */
const LEVELS = {
  'run-rejected': 'error',
  connection: 'warn',
  'redis-away': 'warn',
  'redis-back': 'info',
  'lost-lock': 'error',
  'report-refused': 'error',
  'worker-died': 'warn',
  'takes-nothing': 'warn',
  stuck: 'error',
} as const satisfies Record<SourceProblem['code'], 'info' | 'warn' | 'error'>

/** One line for what the queue tells. */
export function logProblem(log: WorkerLog, { code, message, jobId }: SourceProblem): void {
  log[LEVELS[code]](jobId === undefined ? { code } : { code, job: jobId }, message)
}
