import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { Stage } from './stage.ts'

/*
 * An interaction is answered once: the built gateway and the built worker, each in a process of its own, and a worker that
 * is killed while the platform takes its message, before it can see the answer.
 */

const BOT = join(import.meta.dirname, 'processes', 'answering-worker.mjs')

const openStage = () =>
  Stage.open({
    connections: ['discord-a'],
    subscriptions: ["  - { name: all, events: ['discord.INTERACTION_CREATE'] }"],
  })

type Told = 'ready' | 'answered'

/** A worker in a process of its own. */
class AnsweringWorker {
  readonly exit: Promise<unknown>
  readonly #child: ChildProcess
  readonly #told = new Set<Told>()

  /** Resolves when it takes jobs. */
  static async start(stage: Stage): Promise<AnsweringWorker> {
    const worker = new AnsweringWorker(stage)
    await worker.says('ready')
    return worker
  }

  private constructor({ at, prefix, redisUrl }: Stage) {
    this.#child = fork(BOT, {
      execArgv: [],
      env: {
        REDIS_URL: redisUrl,
        HOLDFAST_PREFIX: prefix,
        DISCORD_TOKEN: at.discord.bots[0]?.token,
        DISCORD_API_URL: at.discordApiUrl,
      },
    })
    this.#child.on('message', ({ kind }: { kind: Told }) => this.#told.add(kind))
    this.exit = once(this.#child, 'exit')
    onTestFinished(() => this.kill())
  }

  async says(kind: Told): Promise<void> {
    while (!this.#told.has(kind)) await once(this.#child, 'message')
  }

  kill(): void {
    this.#child.kill('SIGKILL')
  }
}

function command(stage: Stage): void {
  const { channels, users } = stage.at.discord
  const place = { channel: channels[0]?.id ?? '', user: users[0]?.id ?? '' }
  stage.simulator.discord.interact({ ...place, bot: stage.botOf('discord-a'), deed: { command: 'count' } })
}

const textsOf = (stage: Stage) => stage.simulator.record.of('post').map(({ text }) => text)

/** The record is written while the request is served, so a worker killed then never sees the answer. */
async function killAtPost(stage: Stage, worker: AnsweringWorker, text: string): Promise<void> {
  const stopListening = stage.simulator.record.listen((entry) => {
    if (entry.kind === 'post' && entry.text === text) worker.kill()
  })
  await worker.exit
  stopListening()
}

test('a command is answered, and followed up in order', async () => {
  const stage = await openStage()
  await stage.startGateway()
  const worker = await AnsweringWorker.start(stage)
  command(stage)
  await worker.says('answered')
  expect(textsOf(stage)).toEqual(['one', 'two', 'three'])
})

test.each(['one', 'two', 'three'])(
  'a worker killed while "%s" goes out leaves a command to another, which repeats nothing and forgets nothing',
  async (text) => {
    const stage = await openStage()
    await stage.startGateway()
    const killed = killAtPost(stage, await AnsweringWorker.start(stage), text)
    command(stage)
    await killed
    const next = await AnsweringWorker.start(stage)
    await next.says('answered')
    expect(textsOf(stage)).toEqual(['one', 'two', 'three'])
  },
)
