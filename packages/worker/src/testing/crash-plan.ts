/** When a worker dies at a step. */
export type CrashMoment =
  /** The step has run and nothing knows of it: it will run again. */
  | 'before-record'
  /** The step is recorded and the handler has not heard of it: it will be skipped. */
  | 'after-record'

/** At which steps the worker dies, once each. */
export class CrashPlan {
  readonly #planned = new Map<string, CrashMoment>()

  add(step: string, moment: CrashMoment): void {
    this.#planned.set(step, moment)
  }

  /** When to die at the record of `key`, if then; said once. `step:load` is met by that and by `load`. */
  take(key: string): CrashMoment | undefined {
    const name = [key, key.slice(key.indexOf(':') + 1)].find((text) => this.#planned.has(text))
    if (name === undefined) return undefined
    const moment = this.#planned.get(name)
    this.#planned.delete(name)
    return moment
  }

  /** Steps that no job has come to. */
  get open(): readonly string[] {
    return [...this.#planned.keys()]
  }
}
