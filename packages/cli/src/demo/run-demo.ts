import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, EXIT, messageOf, ProblemError } from '@holdfast/runtime'
import type { Terminal } from '../command.ts'
import { act, actionHelp } from './actions.ts'
import { FaultTurns } from './fault-turns.ts'
import type { Interruption } from './interruption.ts'
import { openPrompt } from './prompt.ts'
import { Room } from './room.ts'
import { createRunFolder } from './run-folder.ts'
import { SimulatorClient } from './simulator-client.ts'
import { type Stage, type StageOptions, setStage } from './stage.ts'

export interface DemoOptions {
  /** The project's folder. */
  readonly project: string
  readonly terminal: Terminal
  readonly interruption: Interruption
  readonly clock: Clock
}

/** The bot of the demo, as a workspace of the project. */
const BOT = { folder: 'examples/echo', subscription: 'echo' }

/**
 * Shows a bot on a simulated Slack and Discord: each part a process of its own, a prompt to talk to it and to break
 * things. Runs until interrupted, then stops all of them; resolves with the exit code.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { terminal, interruption } = options
  terminal.out('holdfast demo: a bot on a simulated Slack and Discord; nothing leaves this machine')
  const scene = await stageOptions(options)
  terminal.out(`configuration and logs: ${scene.folder}`)
  const stage = await setStage(scene)
  try {
    if (!interruption.signal.aborted) await talk(options, stage)
  } finally {
    terminal.out('stopping …')
    await stage.stop()
    terminal.out('stopped; nothing is left running')
  }
  return EXIT.clean
}

async function stageOptions({ project, terminal, clock }: DemoOptions): Promise<StageOptions> {
  const module = join(project, BOT.folder, 'dist/main.js')
  if (!existsSync(module)) {
    const advice = 'the demo runs from a clone of the repository: type `npm run demo` there'
    throw new ProblemError('no-demo-bot', `there is no bot at ${module}; ${advice}`)
  }
  const holdfast = join(project, '.holdfast')
  return {
    folder: await createRunFolder(holdfast),
    redisFolder: join(holdfast, 'redis'),
    channelCount: 2,
    prefix: `{holdfast-demo-${process.pid}}`,
    intents: ['GUILDS', 'GUILD_MESSAGES', 'MESSAGE_CONTENT'],
    crew: {
      size: 2,
      module,
      env: (generation) => ({ HOLDFAST_BOT_VERSION: `v${generation}` }),
      ready: (_worker, gateway) => gateway.untilRouted(BOT.subscription),
    },
    env: terminal.env,
    say: terminal.out,
    clock,
  }
}

async function talk({ interruption, clock }: DemoOptions, stage: Stage): Promise<void> {
  const room = new Room(new SimulatorClient(stage.platforms.url), stage.platforms)
  const { signal, interrupt } = interruption
  let actions = Promise.resolve()
  const prompt = openPrompt({
    input: process.stdin,
    output: process.stdout,
    onInterrupt: interrupt,
    onLine: (line) => {
      // In the order in which they were typed, so that what is said comes in order too.
      actions = actions.then(() => act(line, context)).catch(complain)
    },
  })
  const { print } = prompt
  const complain = (error: unknown) => print(messageOf(error))
  const turns = new FaultTurns({ print, onFailure: complain, signal })
  const context = { stage, room, turns, print, quit: interrupt }
  const heard = room.listen(print, signal, clock)
  try {
    for (const line of ['', 'Everything runs. Type:', ...actionHelp(), '']) print(line)
    await Promise.race([untilAborted(signal), heard])
  } finally {
    prompt.close()
    // What was being done to the stage must be over before it is stopped.
    await actions
    await turns.over()
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
