import type { SourceProblem } from '@holdfast/queue'
import { type Check, type Readiness, readinessOf } from '@holdfast/runtime'

/** Where a worker is in its life, as its health endpoint tells it. */
export type Phase = 'starting' | 'running' | 'draining' | 'stopped'

/** What keeps a worker in this phase from being ready; a running one is. */
const WHY = {
  starting: 'it starts: it takes no jobs yet',
  running: undefined,
  draining: 'it drains: it takes no more jobs',
  stopped: 'it has stopped',
} as const satisfies Record<Phase, string | undefined>

/**
 * Whether a worker takes jobs, and what keeps it from doing so: read by `/readyz`, from memory. Ready means started, not
 * draining, not stuck, and Redis answers.
 */
export class Standing {
  #phase: Phase = 'starting'
  /** Why it waits for Redis; undefined while that answers. */
  #away: string | undefined = 'not reached yet'
  #stuck: string | undefined

  get redisAway(): boolean {
    return this.#away !== undefined
  }

  moved(phase: Phase): void {
    this.#phase = phase
  }

  redisAnswers(): void {
    this.#away = undefined
  }

  waitsForRedis(why: string): void {
    this.#away = why
  }

  /** What the queue told. */
  noted({ code, message }: SourceProblem): void {
    if (code === 'redis-away') this.#away = message
    else if (code === 'redis-back') this.#away = undefined
    else if (code === 'stuck') this.#stuck = message
  }

  get readiness(): Readiness {
    return readinessOf([check('worker', this.#stuck ?? WHY[this.#phase]), check('redis', this.#away)])
  }
}

function check(name: string, why: string | undefined): Check {
  return why === undefined ? { name, status: 'ok' } : { name, status: 'failed', why }
}
