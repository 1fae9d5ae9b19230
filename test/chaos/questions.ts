import type { Entry } from '@holdfast/simulator'
import type { ChaosStage } from './chaos-stage.ts'
import { botsOf, type CONNECTIONS } from './connections.ts'

/** On these people press buttons: RTM carries none. */
export const PRESSED = ['socket', 'discord'] as const satisfies readonly (typeof CONNECTIONS)[number][]
export type PressedName = (typeof PRESSED)[number]

type Question = Extract<Entry, { kind: 'post' }>

/** Resolves with the message in which a handler asks about the event of this key. */
export async function askedAbout(stage: ChaosStage, key: string): Promise<Question> {
  const [, ...text] = key.split(' ')
  const wanted = `asked: ${text.join(' ')}`
  const entry = await stage.simulator.record.until((each) => each.kind === 'post' && each.text === wanted)
  if (entry.kind !== 'post') throw new Error(`"${wanted}" is no post`)
  return entry
}

/** Someone presses the button of a question. Answers who. */
export function press({ simulator, at }: ChaosStage, { platform, channel, id, text = '' }: Question): string {
  const [user = ''] = at[platform].users.slice(-1).map((each) => each.id)
  const name = text.replace('asked: ', '')
  if (platform === 'slack') simulator.slack.press({ channel, user, ts: id, actionId: name })
  else {
    const bot = botsOf(at).discord
    simulator.discord.interact({ bot, channel, user, deed: { customId: name, messageId: id } })
  }
  return user
}

/** The names of the steps that ran for the event of this key, in order. */
export function stepsOf(stage: ChaosStage, key: string): readonly string[] {
  return stage.notebook
    .read()
    .flatMap((line) => (line.what === 'step' && line.key === key ? [line.name] : []))
}
