import { createWorker, type Worker } from '@holdfast/worker'
import type { ChaosStage } from './chaos-stage.ts'

const CONCURRENCY = 50

/** What a `holdfast.gap` of a suspension said. */
export interface MissedSpan {
  readonly from: string
  readonly to: string
  readonly missedCount: number
}

/** Someone who takes every message of a subscription, in this process, and only notes which. */
export class Listener {
  /** Identities of events. */
  readonly heard = new Set<string>()
  readonly missed: MissedSpan[] = []
  readonly #worker: Worker

  constructor({ redis, prefix }: ChaosStage, subscription: string) {
    this.#worker = createWorker({
      subscription,
      concurrency: CONCURRENCY,
      redis: { url: redis.url, prefix },
      platforms: {},
    })
    this.#worker.on('slack.message', async ({ id }) => void this.heard.add(id))
    this.#worker.on('discord.MESSAGE_CREATE', async ({ id }) => void this.heard.add(id))
    this.#worker.on('holdfast.gap', async ({ data: { from, to, missedCount = 0 } }) => {
      this.missed.push({ from, to, missedCount })
    })
  }

  /** Resolves when it takes events. */
  start(): Promise<unknown> {
    return this.#worker.start()
  }

  stop(): Promise<unknown> {
    return this.#worker.stop()
  }
}
