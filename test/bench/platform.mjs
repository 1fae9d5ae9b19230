// The other end of platform-process.mjs.
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

/** A simulator in a process of its own. */
export class Platform {
  #child = fork(join(import.meta.dirname, 'platform-process.mjs'))
  /** One ask at a time, so that answers need no names. @type {Promise<unknown>} */
  #turn = Promise.resolve()

  /**
   * @param {import('./platform-process.mjs').SimulatorOptions} options
   * @returns {Promise<import('@holdfast/simulator').SimulatorAddresses>}
   */
  start(options) {
    return this.#ask({ start: options })
  }

  /**
   * People say so many lines a second; 0 for silence. Resolves with how many were said before.
   * @param {'slack' | 'discord'} platform
   * @param {number} perSecond
   * @returns {Promise<number>}
   */
  talk(platform, perSecond) {
    return this.#ask({ talk: { platform, perSecond } })
  }

  /** @param {import('./platform-process.mjs').FaultRequest} fault */
  fault(fault) {
    return this.#ask({ fault })
  }

  /**
   * @param {'event' | 'socket' | 'fault' | 'envelope'} kind
   * @returns {Promise<any[]>}
   */
  record(kind) {
    return this.#ask({ record: kind })
  }

  stop() {
    this.#child.disconnect()
  }

  /** @param {import('./platform-process.mjs').Ask} ask @returns {Promise<any>} */
  #ask(ask) {
    const turn = this.#turn.then(async () => {
      const answered = once(this.#child, 'message')
      this.#child.send(ask)
      const [{ value, error }] = await answered
      if (error !== undefined) throw new Error(error)
      return value
    })
    this.#turn = turn.catch(() => {})
    return turn
  }
}
