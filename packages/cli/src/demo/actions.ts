import { didYouMean } from '@holdfast/runtime'
import type { FaultTurns } from './fault-turns.ts'
import type { Room } from './room.ts'
import type { Stage } from './stage.ts'

/** What a line typed into the demo acts on. */
export interface ActionContext {
  readonly stage: Stage
  readonly room: Pick<Room, 'say' | 'counts'>
  readonly turns: Pick<FaultTurns, 'take'>
  readonly print: (line: string) => void
  readonly quit: () => void
}

interface Action {
  readonly takes?: string
  readonly help: string
  /** It takes its time and only one happens at once; nothing else that is typed waits for it. */
  readonly isFault?: true
  readonly run: (context: ActionContext, text: string) => Promise<void> | void
}

const ACTIONS: Readonly<Record<string, Action>> = {
  slack: { takes: 'TEXT', help: 'say it on Slack only', run: ({ room }, text) => room.say(text, ['slack']) },
  discord: {
    takes: 'TEXT',
    help: 'say it on Discord only',
    run: ({ room }, text) => room.say(text, ['discord']),
  },
  kill: { help: 'kill a worker with SIGKILL; another takes over', isFault: true, run: kill },
  roll: {
    isFault: true,
    help: 'release the next version of the bot: new workers first, then the old ones drain',
    run: roll,
  },
  'restart-gateway': { help: 'stop the gateway and start another', isFault: true, run: restartGateway },
  stats: { help: 'who runs, what was said and answered', run: stats },
  help: { help: 'this list', run: ({ print }) => actionHelp().forEach(print) },
  quit: { help: 'stop everything (or Ctrl-C)', run: ({ quit }) => quit() },
}

export function actionHelp(): readonly string[] {
  const rows = Object.entries(ACTIONS).map(([name, { takes, help }]) => [
    `/${name}${takes ? ` ${takes}` : ''}`,
    help,
  ])
  return ['  TEXT                 say it in #general on Slack and on Discord'].concat(
    rows.map(([left = '', right = '']) => `  ${left.padEnd(20)} ${right}`),
  )
}

/** Does what a typed line asks for. Resolves when it is done, or when its turn is taken if it is a fault. */
export async function act(line: string, context: ActionContext): Promise<void> {
  if (line === '') return
  if (!line.startsWith('/')) return context.room.say(line, ['slack', 'discord'])
  const [command = '', ...words] = line.split(' ')
  const action = Object.hasOwn(ACTIONS, command.slice(1)) ? ACTIONS[command.slice(1)] : undefined
  const text = words.join(' ').trim()
  if (!action) return context.print(unknownCommand(command))
  if (action.takes && text === '') return context.print(`${command} needs a text`)
  if (action.isFault) return context.turns.take(command, async () => action.run(context, text))
  await action.run(context, text)
}

function unknownCommand(command: string): string {
  const known = Object.keys(ACTIONS).map((name) => `/${name}`)
  return `there is no ${command}${didYouMean(command, known) || '; see /help'}`
}

async function kill({ stage: { crew }, print }: ActionContext): Promise<void> {
  const [worker] = crew.workers
  if (!worker) return
  print(`killing worker ${worker.pid} …`)
  await crew.kill(worker)
  print(`workers now: ${pids(crew)}`)
}

async function roll({ stage: { crew }, print }: ActionContext): Promise<void> {
  print(`releasing v${crew.generation + 1} …`)
  await crew.roll()
  print(`v${crew.generation} is at work; workers now: ${pids(crew)}`)
}

async function restartGateway({ stage: { gateway }, print }: ActionContext): Promise<void> {
  print(`stopping the gateway (pid ${gateway.child?.pid}) …`)
  await gateway.stop()
  await gateway.start()
  print(`a new gateway (pid ${gateway.child?.pid}) is connected to both`)
  print(
    'Discord repeats what was said meanwhile; Slack RTM does not: the bot is told with a holdfast.gap event',
  )
}

function stats({ stage: { gateway, crew }, room, print }: ActionContext): void {
  const { said, answered } = room.counts
  print(`said ${said}, answered ${answered}`)
  print(`gateway: pid ${gateway.child?.pid}, ${gateway.address}/readyz, /metrics, /v1/connections`)
  print(`workers: v${crew.generation}, pids ${pids(crew)}`)
}

function pids({ workers }: Stage['crew']): string {
  return workers.map(({ pid }) => pid).join(', ')
}
