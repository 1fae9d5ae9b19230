import type { SlackBot } from './directory.ts'

/** A form that a bot has opened for a person. */
export interface SlackView {
  readonly id: string
  readonly bot: SlackBot
  readonly title: string
  /** As payloads and answers show it, without its state. */
  readonly shown: Readonly<Record<string, unknown>>
}

/** The forms that stand open. */
export class SlackViews {
  readonly #open = new Map<string, SlackView>()
  #count = 0

  open(bot: SlackBot, view: Readonly<Record<string, unknown>>): SlackView {
    this.#count += 1
    const id = `V0${String(this.#count).padStart(8, '0')}`
    const own = { id, team_id: bot.teamId, app_id: bot.appId, bot_id: bot.botId, root_view_id: id }
    const shown = { ...view, ...own, previous_view_id: null, hash: `${this.#count}.simulated` }
    const opened = { id, bot, title: titleOf(view.title), shown }
    this.#open.set(id, opened)
    return opened
  }

  find(id: string): SlackView | undefined {
    return this.#open.get(id)
  }

  close({ id }: SlackView): void {
    this.#open.delete(id)
  }
}

function titleOf(title: unknown): string {
  const text = typeof title === 'object' && title !== null && 'text' in title ? title.text : undefined
  return typeof text === 'string' ? text : 'form'
}
