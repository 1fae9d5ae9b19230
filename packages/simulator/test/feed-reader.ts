import type { PageEvents } from '../src/page/feed.ts'

/** One event of the feed. */
type Told = {
  [Name in keyof PageEvents]: { readonly name: Name; readonly data: PageEvents[Name] }
}[keyof PageEvents]

/** Reads `GET /page/feed` as an EventSource does. */
export class FeedReader {
  readonly told: Told[] = []
  /** Resolves when the server or `leave` has ended it. */
  readonly ended: Promise<void>
  readonly #leaving = new AbortController()
  readonly #wake = new Set<() => void>()
  #readCount = 0

  constructor(url: string) {
    this.ended = this.#read(url)
  }

  /** The next event of this name, among those not yet looked at. */
  async next<Name extends keyof PageEvents>(name: Name): Promise<PageEvents[Name]> {
    for (;;) {
      while (this.#readCount < this.told.length) {
        const told = this.told[this.#readCount++]
        if (told?.name === name) return told.data as PageEvents[Name]
      }
      await new Promise<void>((resolve) => this.#wake.add(resolve))
    }
  }

  leave(): void {
    this.#leaving.abort()
  }

  async #read(url: string): Promise<void> {
    let text = ''
    try {
      const { body } = await fetch(url, { signal: this.#leaving.signal })
      for await (const chunk of body?.pipeThrough(new TextDecoderStream()) ?? []) {
        text += chunk
        const blocks = text.split('\n\n')
        text = blocks.pop() ?? ''
        for (const block of blocks) this.#take(block)
      }
    } catch {
      // Cut off, by either side.
    }
  }

  #take(block: string): void {
    const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/:(.*)/s, 2)))
    if (!fields.event) return
    this.told.push({ name: fields.event, data: JSON.parse(fields.data ?? 'null') })
    for (const wake of this.#wake) wake()
    this.#wake.clear()
  }
}
