import type { DriverTools } from '../ports.ts'

/** Frames that can't be read come alone or in floods; the metric counts each, the log tells of them this often at the most. */
const MALFORMED_TOLD_EVERY_MS = 60_000

/** What a platform says of itself ends in reasons; how long log lines and statuses are is not its to decide. */
const WHY_LENGTH = 500
/** What is ours stands at the end: how long it waits, what a person must do. */
const WHY_END_LENGTH = 300

/** What tells a unit from others. */
export interface UnitName {
  readonly connection: string
  /** Discord only. */
  readonly shard?: number
}

/** What takes its lines. */
export interface UnitLogOptions extends Pick<DriverTools, 'clock' | 'log' | 'metrics'> {
  readonly name: UnitName
}

/** The lines of log about one unit, each with its name. */
export class UnitLog {
  readonly #options: UnitLogOptions
  /** Frames that could not be read and are not told yet, and when the last were. */
  #malformedCount = 0
  #malformedToldMs = Number.NEGATIVE_INFINITY

  constructor(options: UnitLogOptions) {
    this.#options = options
  }

  tell(level: 'info' | 'warn' | 'error', message: string, fields: object = {}): void {
    const { log, name } = this.#options
    log[level]({ ...name, ...fields }, bounded(message))
  }

  /** Something came that no reader understands; it is left out. */
  malformed(problem: string): void {
    const { clock, metrics, name } = this.#options
    metrics.malformed(name.connection)
    this.#malformedCount += 1
    if (clock.monotonicMs() - this.#malformedToldMs < MALFORMED_TOLD_EVERY_MS) return
    this.#malformedToldMs = clock.monotonicMs()
    const count = this.#malformedCount
    this.#malformedCount = 0
    this.tell('warn', `frames could not be read, they are left out; the last: ${problem}`, { count })
  }
}

/** A reason as long as a line may be: its beginning and its end. */
export function bounded(text: string): string {
  if (text.length <= WHY_LENGTH) return text
  return `${text.slice(0, WHY_LENGTH - WHY_END_LENGTH - 1)}…${text.slice(-WHY_END_LENGTH)}`
}
