import type { RedisHome } from '@holdfast/runtime'
import {
  type DeadLetter,
  type DeadLetterInFull,
  type DeadLetterStore,
  type DeadLetters,
  deadLettersIn,
  type Place,
} from '../dead-letters.ts'
import type { Script } from '../lua/compose.ts'
import { DEAD_DROP, DEAD_PAGE, DEAD_RETRY, DEAD_SHOW } from '../lua/dead.ts'
import { checkLayout } from './layout-claim.ts'
import { type QueuePlace, QueuePlaces } from './queue-places.ts'
import { hashOf, rowsOf, textsOf } from './reply.ts'
import { stepKeyOf } from './run-field.ts'
import { runScript, type ScriptArgument } from './run-script.ts'

/** Where the dead letters are. Opens its connections with the first question. */
export type DeadLettersOptions = RedisHome

/** The dead letters in Redis. A Redis that is away is told where something is asked of it, at once. */
export function createDeadLetters(home: DeadLettersOptions): DeadLetters {
  return deadLettersIn(new RedisDeadLetterStore(home))
}

/** Cells of a letter, as `DEAD_PAGE` answers it. */
const CELL_COUNT = 6

class RedisDeadLetterStore implements DeadLetterStore {
  readonly #places: QueuePlaces
  readonly #prefix: string
  #checked: Promise<void> | undefined

  constructor(home: DeadLettersOptions) {
    this.#prefix = home.prefix
    this.#places = new QueuePlaces(home, 'holdfast:dead', { maxRetriesPerRequest: 0 })
  }

  async page(queue: string, after: Place | undefined, count: number): Promise<readonly DeadLetter[]> {
    const reply = await this.#run(DEAD_PAGE, queue, after?.diedAt ?? '', after?.id ?? '', count)
    return rowsOf(reply, CELL_COUNT).map((cells) => readLetter(queue, cells))
  }

  async show(queue: string, id: string): Promise<DeadLetterInFull | undefined> {
    const reply = await this.#run(DEAD_SHOW, queue, id)
    const [diedAt, fields, run] = Array.isArray(reply) ? reply : []
    if (diedAt === undefined) return undefined
    const job = hashOf(fields)
    const text = (name: string) => job.get(name) ?? ''
    const stack = firstStack(job.get('stacktrace'))
    const cells = [String(diedAt), id, text('name'), text('failedReason'), text('timestamp'), text('atm')]
    return {
      ...readLetter(queue, cells),
      data: JSON.parse(job.get('data') ?? 'null'),
      ...(stack === undefined ? {} : { stack }),
      steps: textsOf(run).flatMap((field) => stepKeyOf(field) ?? []),
    }
  }

  async count(queue: string): Promise<number> {
    const { redis, names } = await this.#find(queue)
    return redis.zcard(names.bull(queue, 'failed'))
  }

  async retry(queue: string, ids: readonly string[]): Promise<number> {
    return Number(await this.#run(DEAD_RETRY, queue, ...ids))
  }

  async drop(queue: string, ids: readonly string[]): Promise<number> {
    return Number(await this.#run(DEAD_DROP, queue, ...ids))
  }

  async stop(): Promise<void> {
    this.#places.close()
  }

  async #run(script: Script, queue: string, ...more: ScriptArgument[]): Promise<unknown> {
    const { redis, names } = await this.#find(queue)
    return runScript(redis, script, names.meta(queue), [names.base(queue), ...more])
  }

  /** Once; what could not be looked at is looked at again. */
  #check(): Promise<void> {
    this.#checked ??= checkLayout(this.#places.home, this.#prefix).catch((error: unknown) => {
      this.#checked = undefined
      throw error
    })
    return this.#checked
  }

  /** @throws {QueueError} `layout` where another version wrote what is there. */
  async #find(queue: string): Promise<QueuePlace> {
    await this.#check()
    return this.#places.find(queue)
  }
}

function readLetter(queue: string, cells: readonly string[]): DeadLetter {
  const [diedAt, id = '', type = '', reason = '', enqueuedAt, attempts] = cells
  return {
    queue,
    id,
    type,
    reason,
    enqueuedAt: Number(enqueuedAt),
    diedAt: Number(diedAt),
    attemptCount: Number(attempts),
  }
}

/** BullMQ keeps a list of them; ours has one. */
function firstStack(text: string | undefined): string | undefined {
  const stacks: unknown = JSON.parse(text ?? '[]')
  const stack: unknown = Array.isArray(stacks) ? stacks.at(-1) : undefined
  return typeof stack === 'string' ? stack : undefined
}
