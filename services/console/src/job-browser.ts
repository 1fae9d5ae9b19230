import { createBullBoard } from '@bull-board/api'
import { BullMQAdapter } from '@bull-board/api/bullMQAdapter'
import { FastifyAdapter } from '@bull-board/fastify'
import { interactiveQueue, type Partition } from '@holdfast/queue'
import { JobQueues, type JobQueuesOptions } from '@holdfast/queue/jobs'
import type { HttpServer, Service } from '@holdfast/runtime'
import type { Picture } from './feed.ts'

/** Where it is mounted. */
const JOBS = '/jobs'

/**
 * bull-board at `/jobs`: one queue for each subscription and one for its interactive events, as they come and go. Looking
 * writes nothing to Redis, and the board is told to offer nothing else; what it is asked all the same, `answerReadsOnly`
 * refuses.
 */
export class JobBrowser implements Service {
  readonly #queues: JobQueues
  readonly #adapter = new FastifyAdapter()
  readonly #board: ReturnType<typeof createBullBoard>
  #shown: readonly string[] = []

  constructor(options: JobQueuesOptions) {
    this.#queues = new JobQueues(options)
    this.#adapter.setBasePath(JOBS)
    this.#board = createBullBoard({
      queues: [],
      serverAdapter: this.#adapter,
      options: {
        uiConfig: {
          boardTitle: 'Holdfast jobs',
          hideDocsLink: true,
          showWorkers: false,
          miscLinks: [{ text: 'Back to the console', url: '/' }],
        },
      },
    })
  }

  /** To be called once, before the server starts. */
  async mount({ app }: Pick<HttpServer, 'app'>): Promise<void> {
    await app.register(this.#adapter.registerPlugin(), { prefix: JOBS })
  }

  /** Shows the queues of these subscriptions and no others. */
  show({ subscriptions }: Pick<Picture, 'subscriptions'>): void {
    const places = new Map(
      subscriptions.flatMap(({ name, partition }) => [
        [name, partition],
        [interactiveQueue(name), partition],
      ]),
    )
    const names = [...places.keys()]
    if (names.join(' ') === this.#shown.join(' ')) return
    const gone = this.#shown.filter((name) => !names.includes(name))
    this.#shown = names
    this.#board.replaceQueues(names.map((name) => this.#adapterOf(name, places.get(name))))
    for (const name of gone) void this.#queues.close(name)
  }

  async start(): Promise<void> {}

  stop(): Promise<void> {
    return this.#queues.stop()
  }

  #adapterOf(name: string, partition: Partition | undefined): BullMQAdapter {
    return new BullMQAdapter(this.#queues.open(name, partition), {
      readOnlyMode: true,
      description: name.endsWith('.interactive')
        ? 'Interactive events, which have slots of their own. Only shown here: retry and drop are not offered.'
        : 'Parked events wait among the delayed ones. Only shown here: retry and drop are not offered.',
    })
  }
}
