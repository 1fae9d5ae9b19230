import type { Picture, Run } from '@holdfast/ownership'
import { type Clock, type Log, sleep } from '@holdfast/runtime'
import type { Units } from '../units.ts'
import type { UnitTenure } from './unit-tenure.ts'

/** What is left of the grace for the closing of what nobody took. */
const CLOSING_MS = 2_000
/** How often it is seen whether all is handed over. */
const LOOK_EVERY_MS = 50

/** What a replica gives away, and to whom it could. */
export interface DrainOptions {
  readonly run: Run
  readonly units: Pick<Units, 'tenures'>
  /** The newest; nothing where it is too old to say who could take over now. */
  readonly picture: () => Picture | undefined
  /** Others are to be told. */
  readonly onTurn: () => void
  readonly clock: Clock
  readonly log: Log
}

/** Whether a replica gives its units away, and takes none. */
export class Drain {
  readonly #options: DrainOptions
  #on = false

  constructor(options: DrainOptions) {
    this.#options = options
  }

  get on(): boolean {
    return this.#on
  }

  /** Returns why it does not, where nobody could take over. Idempotent. */
  begin(): string | undefined {
    const why = this.#on ? undefined : this.#whyNobody()
    if (why === undefined) this.#turn(true)
    return why
  }

  /** It takes its part again. Idempotent. */
  end(): void {
    this.#turn(false)
  }

  /**
   * Where others could go on, gives them what they could, within `leftMs` less what the closing needs, for as long as `goesOn`.
   * Where nobody could, resolves at once.
   */
  async handOver(leftMs: number, goesOn: () => boolean): Promise<void> {
    const { clock, log } = this.#options
    if (this.#leaving().length === 0) return
    this.#turn(true)
    const deadlineMs = clock.monotonicMs() + leftMs - CLOSING_MS
    while (this.#leaving().length > 0 && clock.monotonicMs() < deadlineMs && goesOn())
      await sleep(clock, LOOK_EVERY_MS)
    const units = this.#leaving().map(({ candidate }) => candidate.unit)
    if (units.length > 0) log.warn({ units }, 'nobody took these units in time: they are closed')
  }

  #turn(on: boolean): void {
    if (on === this.#on) return
    this.#on = on
    this.#options.log.info({}, on ? 'draining: others take the units' : 'no longer draining')
    this.#options.onTurn()
  }

  #held(): readonly UnitTenure[] {
    return this.#options.units.tenures.filter(({ held }) => held)
  }

  /** What is held, and somebody else could take. */
  #leaving(): readonly UnitTenure[] {
    const { run, picture } = this.#options
    const seen = picture()
    return seen ? this.#held().filter(({ candidate }) => hasHeir(candidate.connection, run, seen)) : []
  }

  #whyNobody(): string | undefined {
    if (!this.#options.picture()) return 'Redis does not answer, so that nobody could take over'
    const held = this.#held()
    if (held.length === 0 || this.#leaving().length > 0) return undefined
    return `no other gateway could take over ${held.map(({ candidate }) => candidate.unit).join(', ')}`
  }
}

/**
 * Whether another live replica could serve the connection: one that neither drains nor has failed its trial, and whose rollout
 * does not rest. Within one rollout that rests its members take from one another.
 */
function hasHeir(connection: string, me: Run, { at, members, deploys }: Picture): boolean {
  const own = members.find(({ replica }) => replica === me.replica)?.deploy
  const resting = new Set(deploys.filter((it) => it.restUntilAt > at && it.id !== own).map(({ id }) => id))
  return members.some(
    ({ replica, deploy, draining, trial, serves }) =>
      replica !== me.replica &&
      !draining &&
      trial !== 'failed' &&
      !resting.has(deploy) &&
      serves.includes(connection),
  )
}
