import type { ConsoleEvents } from '../src/feed.ts'

type Told = { [Name in keyof ConsoleEvents]: { name: Name; data: ConsoleEvents[Name] } }[keyof ConsoleEvents]

/** Reads a console's feed as a browser does, and lets a test wait for what comes. */
export class FeedReader {
  readonly told: Told[] = []
  readonly #over = new AbortController()
  #wake: () => void = () => {}

  static async open(address: string): Promise<FeedReader> {
    const reader = new FeedReader()
    const response = await fetch(`${address}/page/feed`, { signal: reader.#over.signal })
    if (!response.ok || !response.body) throw new Error(`the feed answered ${response.status}`)
    void reader.#read(response.body).catch(() => {})
    return reader
  }

  /** The first event of that name for which `accept` holds, told already or yet to come. */
  async next<Name extends keyof ConsoleEvents>(
    name: Name,
    accept: (data: ConsoleEvents[Name]) => boolean = () => true,
  ): Promise<ConsoleEvents[Name]> {
    for (let index = 0; ; index++) {
      while (index >= this.told.length) await this.#more()
      const event = this.told[index]
      if (event?.name !== name) continue
      const data = event.data as ConsoleEvents[Name]
      if (accept(data)) return data
    }
  }

  close(): void {
    this.#over.abort()
  }

  #more(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }

  async #read(body: ReadableStream<Uint8Array>): Promise<void> {
    let rest = ''
    for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
      const blocks = (rest + chunk).split('\n\n')
      rest = blocks.pop() ?? ''
      for (const block of blocks) this.#take(block)
      this.#wake()
    }
  }

  #take(block: string): void {
    const fields = new Map(
      block.split('\n').map((line) => {
        const colon = line.indexOf(':')
        return [line.slice(0, colon), line.slice(colon + 1)]
      }),
    )
    const [name, data] = [fields.get('event'), fields.get('data')]
    if (name !== undefined && data !== undefined) this.told.push({ name, data: JSON.parse(data) } as Told)
  }
}
