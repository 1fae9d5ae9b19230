import { messageOf } from '@holdfast/runtime'
import type { Stage, StageMark, StageNews } from '@holdfast/simulator'
import { act, actionHelp } from './actions.ts'
import type { Backstage } from './backstage.ts'
import { banner } from './banner.ts'
import type { Interruption } from './interruption.ts'
import { openPrompt } from './prompt.ts'
import { Room } from './room.ts'

export interface ConversationOptions extends Pick<Backstage, 'simulator' | 'platforms'> {
  readonly stage: Stage
  readonly interruption: Interruption
}

/** Does what is typed, and tells what the bot answers and what happens to the stage, until somebody interrupts. */
export async function listenToPerson(options: ConversationOptions): Promise<void> {
  const { simulator, platforms, stage, interruption } = options
  const { signal, interrupt } = interruption
  const room = new Room(simulator, platforms)
  let actions = Promise.resolve()
  const prompt = openPrompt({
    input: process.stdin,
    output: process.stdout,
    onInterrupt: interrupt,
    onLine: (line) => {
      // In the order in which they were typed, so that what is said comes in order too.
      actions = actions.then(() => act(line, context)).catch((error: unknown) => print(messageOf(error)))
    },
  })
  const { print } = prompt
  const context = { stage, room, print, quit: interrupt }
  const stops = [room.listen(print), stage.watch((news) => tell(news, print))]
  try {
    for (const line of greeting(platforms.url, stage)) print(line)
    await untilAborted(signal)
  } finally {
    for (const stop of stops) stop()
    prompt.close()
    await actions
  }
}

function greeting(url: string, stage: Stage): readonly string[] {
  const what = 'Open it, say hello, then break things with its buttons.'
  return [
    '',
    'Everything runs. The same from here:',
    ...actionHelp(stage),
    '',
    ...banner([url, what, 'Ctrl-C stops everything.']),
    '',
  ]
}

function tell(news: StageNews, print: (line: string) => void): void {
  if (news.what === 'mark') print(describe(news.mark))
}

function describe({ label, endedAt, detail }: StageMark): string {
  return endedAt === undefined ? `${label} …` : `${label}: ${detail ?? 'over'}`
}

function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })
}
