import { didYouMean, messageOf } from '@holdfast/runtime'
import type { Stage } from '@holdfast/simulator'
import type { Room } from './room.ts'

/** What a line typed into the demo acts on. */
export interface ActionContext {
  readonly stage: Pick<Stage, 'actions' | 'perform' | 'state'>
  readonly room: Pick<Room, 'say'>
  readonly print: (line: string) => void
  readonly quit: () => void
}

interface Word {
  readonly takes?: string
  readonly help: string
  readonly run: (context: ActionContext, text: string) => void
}

/** What can be typed beside the stage's own actions. */
const WORDS: Readonly<Record<string, Word>> = {
  slack: { takes: 'TEXT', help: 'say it on Slack only', run: ({ room }, text) => room.say(text, ['slack']) },
  discord: {
    takes: 'TEXT',
    help: 'say it on Discord only',
    run: ({ room }, text) => room.say(text, ['discord']),
  },
  stats: { help: 'who runs, what was said and what became of it', run: stats },
  help: { help: 'this list', run: ({ stage, print }) => actionHelp(stage).forEach(print) },
  quit: { help: 'stop everything (or Ctrl-C)', run: ({ quit }) => quit() },
}

export function actionHelp({ actions }: Pick<Stage, 'actions'>): readonly string[] {
  const rows = [
    ['TEXT', 'say it in #general on Slack and on Discord'],
    ...actions.map(({ name, help }) => [`/${name}`, help]),
    ...Object.entries(WORDS).map(([name, { takes, help }]) => [`/${name}${takes ? ` ${takes}` : ''}`, help]),
  ]
  return rows.map(([left = '', right = '']) => `  ${left.padEnd(18)} ${right}`)
}

/** Does what a typed line asks for, or begins it. */
export async function act(line: string, context: ActionContext): Promise<void> {
  const { stage, room, print } = context
  if (line === '') return
  if (!line.startsWith('/')) return room.say(line, ['slack', 'discord'])
  const [command = '', ...rest] = line.split(' ')
  const name = command.slice(1)
  const word = Object.hasOwn(WORDS, name) ? WORDS[name] : undefined
  const text = rest.join(' ').trim()
  if (word?.takes && text === '') return print(`${command} needs a text`)
  if (word) return word.run(context, text)
  if (stage.actions.some((action) => action.name === name)) return perform(name, context)
  print(unknownCommand(command, stage))
}

/** As the button of the page does. */
async function perform(name: string, { stage, print }: ActionContext): Promise<void> {
  try {
    await stage.perform(name)
    const progress = stage.state().running[name]
    if (progress?.startsWith('waits')) print(`/${name} ${progress}`)
  } catch (error) {
    print(messageOf(error))
  }
}

function unknownCommand(command: string, { actions }: Pick<Stage, 'actions'>): string {
  const known = [...actions.map(({ name }) => name), ...Object.keys(WORDS)].map((name) => `/${name}`)
  return `there is no ${command}${didYouMean(command, known) || '; see /help'}`
}

function stats({ stage, print }: ActionContext): void {
  const { ledger, parts } = stage.state()
  const { sent, answered, waiting, backfilled, lost, repeated, reordered, notRecoverable } = ledger
  print(`said ${sent}, answered ${answered}, waiting ${waiting}, filled in ${backfilled}`)
  if (notRecoverable > 0) print(`not recoverable, in announced gaps: ${notRecoverable}`)
  print(`lost ${lost}, repeated ${repeated}, out of order ${reordered}`)
  for (const { name, version, state, pid } of parts)
    print(`${name}${version ? ` (${version})` : ''}: ${state}, pid ${pid}`)
}
