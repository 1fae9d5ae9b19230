import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, onTestFinished } from 'vitest'
import type { Preloaded } from './gateway-process.ts'
import type { Stage } from './stage.ts'

const BOT = join(import.meta.dirname, 'processes/versioned-worker.mjs')

/** One line of what workers write down. */
export interface Noted {
  readonly what: 'begin' | 'step' | 'end'
  readonly on: string
  readonly text: string
  readonly version: string
}

/** A bot of one version or another, in a process of its own. Killed with the test. */
export class VersionedWorker {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>

  /** Resolves when it takes jobs. */
  static async start(stage: Stage, file: string, version: string, preloaded: Preloaded = {}) {
    const worker = new VersionedWorker(stage, file, version, preloaded)
    const ended = worker.#ended.then(() => {
      throw new Error('a worker ended before it took jobs')
    })
    await Promise.race([once(worker.#child, 'message'), ended])
    return worker
  }

  private constructor({ at, prefix, redisUrl }: Stage, file: string, version: string, preloaded: Preloaded) {
    this.#child = fork(BOT, {
      execArgv: (preloaded.preloads ?? []).map((path) => `--import=${path}`),
      env: {
        ...preloaded.env,
        HOLDFAST_TEST_VERSION: version,
        HOLDFAST_TEST_FILE: file,
        REDIS_URL: redisUrl,
        HOLDFAST_PREFIX: prefix,
        SLACK_BOT_TOKEN: at.slack.bots[0]?.token,
        SLACK_API_URL: at.slackApiUrl,
        DISCORD_TOKEN: at.discord.bots[0]?.token,
        DISCORD_API_URL: at.discordApiUrl,
      },
    })
    this.#ended = once(this.#child, 'exit')
    onTestFinished(() => this.kill())
  }

  /** It drains. */
  async stop(): Promise<void> {
    this.#child.send('stop')
    await this.#ended
  }

  async kill(): Promise<void> {
    this.#child.kill('SIGKILL')
    await this.#ended
  }
}

/** What the workers of a stage have written down, in order. */
export function notedIn(file: string): readonly Noted[] {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))
}

/** Resolves when it is written down. */
export async function noted(file: string, wanted: Partial<Noted>, count: number): Promise<void> {
  const there = () =>
    notedIn(file).filter((each) =>
      Object.entries(wanted).every(([field, value]) => each[field as keyof Noted] === value),
    ).length
  await expect.poll(there, { timeout: 60_000, interval: 20 }).toBe(count)
}
