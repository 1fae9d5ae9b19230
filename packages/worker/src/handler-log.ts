import type { WorkerLog } from './log.ts'

type Level = 'debug' | 'info' | 'warn' | 'error'

interface Line {
  (message: string | Error): void
  (facts: object, message: string): void
}

/** What a handler logs with: one sentence, with facts before it or without. Every line carries the job's id and type. */
export interface HandlerLog extends Readonly<Record<Level, Line>> {
  child(facts: object): HandlerLog
}

/** Writes to `log`, which always takes facts. */
export function createHandlerLog(log: WorkerLog): HandlerLog {
  const line = (level: Level) => (facts: object | string, message?: string) => {
    if (typeof facts === 'string') log[level]({}, facts)
    else log[level](facts, message ?? (facts instanceof Error ? facts.message : ''))
  }
  return {
    debug: line('debug'),
    info: line('info'),
    warn: line('warn'),
    error: line('error'),
    child: (facts) => createHandlerLog(log.child(facts)),
  }
}
