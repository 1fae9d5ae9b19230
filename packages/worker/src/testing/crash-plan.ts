/** When a worker dies at a step. */
export type CrashMoment =
  /** The step has run and nothing knows of it: it will run again. */
  | 'before-record'
  /** The step is recorded and the handler has not heard of it: it will be skipped. */
  | 'after-record'

/** A crash that a test has asked for. A step that no job comes to never makes one: assert that it did. */
export interface PlannedCrash {
  readonly happened: boolean
}

/** At which steps the worker dies, once each. */
export class CrashPlan {
  readonly #planned = new Map<string, { readonly moment: CrashMoment; happened: boolean }>()

  add(step: string, moment: CrashMoment): PlannedCrash {
    const crash = { moment, happened: false }
    this.#planned.set(step, crash)
    return crash
  }

  /** When to die at the record of `key`, if then; said once. `step:load` is met by that and by `load`. */
  take(key: string): CrashMoment | undefined {
    for (const name of [key, key.slice(key.indexOf(':') + 1)]) {
      const crash = this.#planned.get(name)
      if (!crash) continue
      this.#planned.delete(name)
      crash.happened = true
      return crash.moment
    }
    return undefined
  }
}
