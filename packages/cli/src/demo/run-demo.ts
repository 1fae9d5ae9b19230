import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { type Clock, EXIT, ProblemError } from '@holdfast/runtime'
import type { Terminal } from '../command.ts'
import { DemoStage } from '../stage/demo-stage.ts'
import { diaryIn, openStage } from '../stage/open-stage.ts'
import { Timeline } from '../stage/timeline.ts'
import { Turns } from '../stage/turns.ts'
import { type Backstage, type BackstageOptions, startBackstage } from './backstage.ts'
import { mayOpenBrowser, openBrowser } from './browser.ts'
import { listenToPerson } from './conversation.ts'
import type { Interruption } from './interruption.ts'
import { linesOfProgress, tickingProgress } from './progress.ts'
import { createRunFolder } from './run-folder.ts'

export interface DemoOptions {
  /** The project's folder. */
  readonly project: string
  readonly terminal: Terminal
  readonly interruption: Interruption
  /** Show the page in a browser, where there is one. */
  readonly open: boolean
  readonly clock: Clock
}

/** The bot of the demo, as a workspace of the project. */
const BOT = { folder: 'examples/tour', subscription: 'tour' }

/**
 * Shows a bot on a simulated Slack and Discord: a page to talk to it and to break things, and a prompt that does the same.
 * Runs until interrupted, then stops all of it; resolves with the exit code.
 */
export async function runDemo(options: DemoOptions): Promise<number> {
  const { terminal, clock } = options
  terminal.out('holdfast demo: a bot on a simulated Slack and Discord; nothing leaves this machine')
  const places = await findPlaces(options.project)
  terminal.out(`  configuration and logs: ${places.folder}`)
  const over = new AbortController()
  const signal = AbortSignal.any([options.interruption.signal, over.signal])
  const timeline = new Timeline()
  const turns = new Turns(signal)
  const stage = new DemoStage(timeline, turns)
  const backstage = await startBackstage(backstageOptions(options, places, stage))
  try {
    const { folder, prefix } = places
    const { subscription } = BOT
    const run = { backstage, folder, subscription, prefix, signal, clock }
    const opened = openStage({ stage, timeline, turns, ...run })
    await perform(options, backstage, stage).finally(() => {
      over.abort()
      return opened.close()
    })
    for (const finding of opened.books.findings) terminal.out(finding)
  } finally {
    terminal.out('stopping …')
    await backstage.stop()
    terminal.out('stopped; nothing is left running')
  }
  return EXIT.clean
}

/** Where this run finds and keeps what it needs. */
interface Places {
  /** The bot's built module. */
  readonly module: string
  /** Configuration, logs and the diary. */
  readonly folder: string
  readonly redisFolder: string
  /** Of its keys in Redis. */
  readonly prefix: string
}

async function findPlaces(project: string): Promise<Places> {
  const module = botModule(project)
  const holdfast = join(project, '.holdfast')
  const prefix = `{holdfast-demo-${process.pid}}`
  return { module, prefix, redisFolder: join(holdfast, 'redis'), folder: await createRunFolder(holdfast) }
}

function botModule(project: string): string {
  const module = join(project, BOT.folder, 'dist/main.js')
  if (existsSync(module)) return module
  const advice = 'the demo runs from a clone of the repository: type `npm run demo` there'
  throw new ProblemError('no-demo-bot', `there is no bot at ${module}; ${advice}`)
}

function backstageOptions(
  { terminal, clock }: DemoOptions,
  { module, folder, redisFolder, prefix }: Places,
  stage: DemoStage,
): BackstageOptions {
  const diary = diaryIn(folder)
  const { out } = terminal
  return {
    folder,
    redisFolder,
    prefix,
    clock,
    channelCount: 2,
    page: { title: 'holdfast demo', stage },
    intents: ['GUILDS', 'GUILD_MESSAGES', 'GUILD_MESSAGE_REACTIONS', 'MESSAGE_CONTENT'],
    crew: {
      size: 2,
      module,
      env: (generation) => ({ HOLDFAST_BOT_VERSION: `v${generation}`, HOLDFAST_DEMO_DIARY: diary }),
    },
    console: true,
    env: terminal.env,
    progress: process.stdout.isTTY ? tickingProgress(process.stdout, clock) : linesOfProgress(out, clock),
    onTrouble: out,
  }
}

/** Until somebody interrupts. */
async function perform(
  options: DemoOptions,
  { simulator, platforms }: Backstage,
  stage: DemoStage,
): Promise<void> {
  const { interruption, terminal } = options
  if (interruption.signal.aborted) return
  const isTerminal = Boolean(process.stdout.isTTY)
  if (options.open && mayOpenBrowser({ platform: process.platform, env: terminal.env, isTerminal }))
    void openBrowser(platforms.url)
  await listenToPerson({ simulator, platforms, stage, interruption })
}
