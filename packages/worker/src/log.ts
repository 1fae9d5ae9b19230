import type { Log } from '@holdfast/runtime'

/** A log that can carry facts on every line. A pino logger is one. Never given a token, a payload or a chat text by us. */
export interface WorkerLog extends Log {
  child(facts: object): WorkerLog
}

/** A log that keeps nothing. */
export const silentLog: WorkerLog = {
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => silentLog,
}
