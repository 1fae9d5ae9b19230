import type { WorkerLog } from '../src/log.ts'

export interface Line {
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly facts: object
  readonly message: string
}

/** A log that keeps its lines for a test to read. */
export function createLogBook(): { readonly log: WorkerLog; readonly lines: Line[] } {
  const lines: Line[] = []
  const logWith = (known: object): WorkerLog => {
    const line = (level: Line['level']) => (facts: object, message: string) => {
      lines.push({ level, facts: { ...known, ...facts }, message })
    }
    return {
      debug: line('debug'),
      info: line('info'),
      warn: line('warn'),
      error: line('error'),
      child: (facts) => logWith({ ...known, ...facts }),
    }
  }
  return { log: logWith({}), lines }
}
