import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Timer } from '../clock.ts'
import type { Entry } from '../facts.ts'
import { listFaults } from '../faults.ts'
import type { SimulatorRecord } from '../record.ts'
import type { ChatTouch } from './chat-view.ts'
import type { PageEvents, PageHello } from './feed.ts'
import { LastFaults } from './last-faults.ts'
import { OpenPage } from './open-page.ts'
import { PageWatch, type WatchedParts } from './page-watch.ts'

const CHAT_EVERY_MS = 60

/** What the feed tells of. */
export interface FeedParts extends WatchedParts {
  readonly record: SimulatorRecord
  readonly title: string
}

/**
 * `GET /page/feed`: tells every open page the same. Chat changes are gathered for 60 ms, and what changed several times is
 * told once. Stage, sockets, stream and commands are looked at four times a second and told when they changed. While no page is
 * open, no timer runs and nothing is gathered.
 */
export class PageFeed {
  readonly #parts: FeedParts
  readonly #pages = new Set<OpenPage>()
  readonly #lastFaults = new LastFaults()
  readonly #unlisten: () => void
  #touched = new Map<string, ChatTouch>()
  #chatTimer: Timer | undefined
  #watch: PageWatch | undefined
  #stopped = false

  constructor(parts: FeedParts) {
    this.#parts = parts
    this.#unlisten = parts.record.listen((entry) => this.#note(entry))
  }

  /** Takes a page in, hello first. */
  async open(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const page = await OpenPage.open(request, response)
    if (!page) return
    if (this.#stopped) return page.close()
    // What is gathered belongs to the pages of before; this one has it in its hello.
    this.#tellChat()
    this.#pages.add(page)
    page.onGone(() => this.#leave(page))
    this.#greet([page])
    this.#watch ??= this.#startWatch()
  }

  stop(): void {
    this.#stopped = true
    this.#unlisten()
    for (const page of [...this.#pages]) {
      page.close()
      this.#leave(page)
    }
  }

  #startWatch(): PageWatch {
    return new PageWatch(this.#parts, {
      tell: (name, data) => this.#tell(name, data),
      tellAnew: () => this.#greet([...this.#pages]),
      keepAlive: () => {
        for (const page of this.#pages) page.keepAlive()
      },
    })
  }

  #leave(page: OpenPage): void {
    this.#pages.delete(page)
    if (this.#pages.size > 0) return
    this.#touched.clear()
    this.#chatTimer?.clear()
    this.#chatTimer = undefined
    this.#watch?.stop()
    this.#watch = undefined
  }

  #note(entry: Entry): void {
    const touches = this.#parts.view.note(entry)
    const fault = this.#lastFaults.note(entry)
    if (this.#pages.size === 0) return
    if (entry.kind === 'presence' && this.#parts.view.isShown(entry.platform, entry.bot)) {
      this.#tell('presence', { platform: entry.platform, online: entry.status === 'online' })
    }
    if (fault) this.#tell('fault', fault)
    if (touches.length === 0) return
    for (const touch of touches) this.#touched.set(touch.key, touch)
    this.#chatTimer ??= this.#parts.clock.setTimer(CHAT_EVERY_MS, () => this.#tellChat())
  }

  #tellChat(): void {
    this.#chatTimer?.clear()
    this.#chatTimer = undefined
    const changes = [...this.#touched.values()].flatMap((touch) => touch.show() ?? [])
    this.#touched = new Map()
    if (changes.length > 0) this.#tell('chat', changes)
  }

  #greet(pages: readonly OpenPage[]): void {
    this.#tell('hello', this.#hello(), pages)
    const waiting = this.#parts.view.waiting()
    if (waiting.length > 0) this.#tell('chat', waiting, pages)
  }

  #tell<Name extends keyof PageEvents>(
    name: Name,
    data: PageEvents[Name],
    to: Iterable<OpenPage> = [...this.#pages],
  ): void {
    const json = JSON.stringify(data)
    for (const page of to) page.send(name, json)
  }

  #hello(): PageHello {
    const { title, view, stream, bots, stage } = this.#parts
    return {
      title,
      platforms: view.platforms(),
      messages: view.messages(),
      threads: view.threads(),
      stream: stream.state(),
      bots: bots(),
      faults: listFaults(),
      lastFaults: this.#lastFaults.all(),
      ...(stage && {
        stage: { links: stage.links, actions: stage.actions, state: stage.state(), ...stage.history() },
      }),
    }
  }
}
