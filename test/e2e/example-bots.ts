import { type ChildProcess, spawn } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { Stage } from './stage.ts'

const EXAMPLES = join(import.meta.dirname, 'processes', 'examples.mjs')

/** Built examples in a process of their own, with the tokens of the stage's first bots. Killed with the test. */
export class ExampleBots {
  readonly #child: ChildProcess
  readonly #ended: Promise<unknown>
  readonly #news = new EventEmitter()
  #said = ''

  /** Resolves when all of them take events. */
  static async start(
    stage: Stage,
    names: readonly string[],
    settings: Readonly<Record<string, string>> = {},
  ): Promise<ExampleBots> {
    const { at, redisUrl, prefix } = stage
    const bots = new ExampleBots(names, {
      REDIS_URL: redisUrl,
      HOLDFAST_PREFIX: prefix,
      SLACK_BOT_TOKEN: at.slack.bots[0]?.token ?? '',
      SLACK_API_URL: at.slackApiUrl,
      DISCORD_TOKEN: at.discord.bots[0]?.token ?? '',
      DISCORD_API_URL: at.discordApiUrl,
      ...settings,
    })
    await bots.#say('takes events', names.length)
    return bots
  }

  private constructor(names: readonly string[], env: Readonly<Record<string, string>>) {
    const child = spawn(execPath, [EXAMPLES, ...names], {
      env,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    this.#child = child
    createInterface({ input: child.stdout }).on('line', (line) => {
      this.#said += line
      this.#news.emit('line')
    })
    this.#ended = once(child, 'close').then(() => this.#news.emit('line'))
    onTestFinished(() => void child.kill('SIGKILL'))
  }

  /** A drain that waits for no handler: whatever runs is given back. */
  async stopAtOnce(): Promise<void> {
    this.#child.kill('SIGTERM')
    await this.#say('drains: takes no more jobs')
    this.#child.kill('SIGTERM')
    await this.#ended
  }

  async #say(message: string, times = 1): Promise<void> {
    while (this.#said.split(`"${message}"`).length <= times) {
      if (this.#child.exitCode !== null)
        throw new Error(`they ended and had not said "${message}": ${this.#said}`)
      await once(this.#news, 'line')
    }
  }
}
