import { type Context, createWorker, type EventOf, type Worker } from '@holdfast/worker'

const ANSWER_MS = 10 * 60_000

type Message = EventOf<'slack.message'> | EventOf<'discord.MESSAGE_CREATE'>

/** A conversation with one person. It may take days: between two sentences it is a note in Redis, and no process keeps it. */
export interface Talk {
  /** What the words that were heard caught in brackets. */
  readonly matches: readonly string[]
  say(text: string): Promise<void>
  /** Asks, and resolves with what the person says next. Ends the conversation after ten minutes of silence. */
  ask(question: string): Promise<string>
}

/** What a bot does when it hears something. */
export type Script = (talk: Talk) => Promise<void>

/** Hears words on Slack and on Discord. The first script whose words match has the conversation. */
export class Ears {
  readonly worker: Worker
  readonly #scripts: { readonly words: RegExp; readonly script: Script }[] = []

  constructor(subscription: string) {
    this.worker = createWorker({ subscription })
    this.worker.on('slack.message', (event, ctx) => this.#hear(event, ctx))
    this.worker.on('discord.MESSAGE_CREATE', (event, ctx) => this.#hear(event, ctx))
  }

  hears(words: RegExp, script: Script): void {
    this.#scripts.push({ words, script })
  }

  async #hear(event: Message, ctx: Context): Promise<void> {
    const text = textOf(event)
    const { actor } = event
    if (text === undefined || actor === undefined) return
    for (const { words, script } of this.#scripts) {
      const matches = words.exec(text)
      if (matches) return script(talkWith(event, actor, ctx, matches.slice(1)))
    }
  }
}

function talkWith(event: Message, actor: string, ctx: Context, matches: readonly string[]): Talk {
  let count = 0
  return {
    matches,
    say: async (text) => void (await ctx.reply(text)),
    async ask(question) {
      await ctx.reply(question)
      count += 1
      const answer = await ctx.waitFor(`answer ${count}`, event.type, {
        where: { actor },
        timeoutMs: ANSWER_MS,
      })
      return (answer && textOf(answer)) ?? ctx.discard('no answer')
    },
  }
}

function textOf(event: Message): string | undefined {
  if (event.platform === 'slack') return event.data.bot_id ? undefined : event.data.text
  return event.data.author.bot ? undefined : event.data.content
}
