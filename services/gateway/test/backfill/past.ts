/** A message that somebody wrote. */
export interface Said {
  readonly channel: string
  /** Unix milliseconds. */
  readonly at: number
  /** Tells it from others of the same millisecond; unique. */
  readonly n: number
  /** Slack: the first message of its thread, by `n`. */
  readonly thread?: number
}

/** A platform that remembers what was said, and answers for it over HTTP. */
export interface Past {
  /** The name of the message in events. */
  nameOf(said: Said): string
  answer(url: URL, form: URLSearchParams): { readonly status?: number; readonly body: unknown }
}

const SNOWFLAKE_EPOCH_AT = 1_420_070_400_000

/** Slack, with pages of at most `pageCount`. */
export class SlackPast implements Past {
  readonly #said: readonly Said[]
  readonly #pageCount: number

  constructor(said: readonly Said[], pageCount: number) {
    this.#said = said
    this.#pageCount = pageCount
  }

  nameOf({ at, n }: Said): string {
    return `${Math.floor(at / 1_000)}.${String((at % 1_000) * 1_000 + (n % 1_000)).padStart(6, '0')}`
  }

  answer(url: URL, form: URLSearchParams) {
    const method = url.pathname.split('/').at(-1)
    if (method === 'auth.test') return { body: { ok: true, team_id: 'T1', user_id: 'U1' } }
    if (method === 'users.conversations') return { body: this.#conversations(form) }
    const isReplies = method === 'conversations.replies'
    const own = this.#said.filter(({ channel }) => channel === form.get('channel'))
    const parent = own.find((said) => this.nameOf(said) === form.get('ts'))
    if (isReplies && !parent) return { body: { ok: false, error: 'thread_not_found' } }
    const part = own.filter(({ thread }) => thread === (isReplies ? parent?.n : undefined))
    const names = part
      .map((said) => ({ said, ts: this.nameOf(said) }))
      .filter(({ ts }) => ts >= (form.get('oldest') ?? '') && ts <= (form.get('latest') ?? '~'))
      .sort((one, other) => (one.ts < other.ts ? -1 : 1))
    const ordered = isReplies ? names : names.reverse()
    const { page, next } = this.#page(ordered, form)
    const first = isReplies && parent ? [this.#show(parent)] : []
    const messages = [...first, ...page.map(({ said }) => this.#show(said))]
    return { body: { ok: true, messages, has_more: next !== '', response_metadata: { next_cursor: next } } }
  }

  #conversations(form: URLSearchParams) {
    const ids =
      form.get('types') === 'public_channel' ? [...new Set(this.#said.map((said) => said.channel))] : []
    const { page, next } = this.#page(ids, form)
    return { ok: true, channels: page.map((id) => ({ id })), response_metadata: { next_cursor: next } }
  }

  #page<T>(all: readonly T[], form: URLSearchParams) {
    const from = Number(form.get('cursor') ?? 0)
    const count = Math.min(this.#pageCount, Number(form.get('limit') ?? 100))
    return {
      page: all.slice(from, from + count),
      next: from + count < all.length ? String(from + count) : '',
    }
  }

  #show(said: Said): object {
    const replies = this.#said.filter(({ thread, channel }) => thread === said.n && channel === said.channel)
    const last = replies
      .map((reply) => this.nameOf(reply))
      .sort()
      .at(-1)
    const parent = this.#said.find(({ n }) => n === said.thread)
    return {
      type: 'message',
      user: 'U7',
      text: `said ${said.n}`,
      ts: this.nameOf(said),
      ...(last === undefined
        ? {}
        : { thread_ts: this.nameOf(said), reply_count: replies.length, latest_reply: last }),
      ...(parent ? { thread_ts: this.nameOf(parent) } : {}),
    }
  }
}

/** Discord: one guild on each of two shards, the same channels in both; half of them are threads. */
export class DiscordPast implements Past {
  readonly #said: readonly Said[]

  constructor(said: readonly Said[]) {
    this.#said = said
  }

  nameOf({ at, n }: Said): string {
    return String((BigInt(at - SNOWFLAKE_EPOCH_AT) << 22n) + BigInt(n))
  }

  answer(url: URL) {
    const path = url.pathname.replace('/api/', '')
    const [, guild = ''] = /^guilds\/(\d+)/.exec(path) ?? []
    if (path === 'users/@me/guilds') return { body: [{ id: String(2n << 22n) }, { id: String(3n << 22n) }] }
    if (path.endsWith('/channels')) return { body: this.#channels(guild, false) }
    if (path.endsWith('/threads/active'))
      return { body: { threads: this.#channels(guild, true), members: [] } }
    const [, channel = ''] = /^channels\/(.+)\/messages$/.exec(path) ?? []
    const after = BigInt(url.searchParams.get('after') ?? 0)
    const own = this.#inOrder(channel).filter((said) => BigInt(this.nameOf(said)) > after)
    const page = own.slice(0, Number(url.searchParams.get('limit'))).reverse()
    return { body: page.map((said) => this.#show(said)) }
  }

  #channels(guild: string, threads: boolean): readonly object[] {
    const ids = [...new Set(this.#said.map(({ channel }) => channel))]
    return ids.flatMap((id, index) => {
      const last = this.#inOrder(id).at(-1)
      const isHere = (index % 2 === 1) === threads && guild === String(2n << 22n)
      return isHere ? [{ id, type: threads ? 11 : 0, last_message_id: last ? this.nameOf(last) : null }] : []
    })
  }

  #inOrder(channel: string): readonly Said[] {
    return this.#said
      .filter((said) => said.channel === channel)
      .sort((one, other) => (BigInt(this.nameOf(one)) < BigInt(this.nameOf(other)) ? -1 : 1))
  }

  #show(said: Said): object {
    return { id: this.nameOf(said), channel_id: said.channel, content: `said ${said.n}`, author: { id: '7' } }
  }
}
