/** Steps one after the other, and how long each took. */
export class StepClock {
  /** @type {{ name: string, tookMs: number }[]} */
  #steps = []
  #startedMs = performance.now()
  #lastMs = this.#startedMs

  /**
   * Ends a step, which began where the one before it ended.
   * @param {string} name
   */
  over(name) {
    const nowMs = performance.now()
    this.#steps.push({ name, tookMs: nowMs - this.#lastMs })
    this.#lastMs = nowMs
  }

  /** One line a step, and the total. */
  table() {
    const rows = [...this.#steps, { name: 'total', tookMs: this.#lastMs - this.#startedMs }]
    const width = Math.max(...rows.map(({ name }) => name.length))
    return rows
      .map(({ name, tookMs }) => `${name.padEnd(width)}  ${(tookMs / 1000).toFixed(1).padStart(6)} s`)
      .join('\n')
  }
}
