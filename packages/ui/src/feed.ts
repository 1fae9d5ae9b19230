import { type ReadonlySignal, signal } from '@preact/signals'

/** Whether the page hears its server. `lost` comes back by itself. */
export type Contact = 'connecting' | 'open' | 'lost'

/** What is done with each event, by its name. */
export type FeedHandlers<Events> = {
  readonly [Name in keyof Events]: (data: Events[Name]) => void
}

export interface Feed {
  readonly contact: ReadonlySignal<Contact>
  close(): void
}

const AGAIN_MS = 1_000

/**
 * Server-sent events of one address, each with JSON in its data. The browser reconnects by itself after a cut; where it
 * gives up (the server answered with an error, as while it restarts), the feed asks again each second. Also tells the
 * contact on `<html data-feed>`.
 */
export function openFeed<Events extends object>(url: string, handlers: FeedHandlers<Events>): Feed {
  const contact = signal<Contact>('connecting')
  let source: EventSource | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function tell(next: Contact): void {
    contact.value = next
    document.documentElement.dataset.feed = next
  }

  function connect(): void {
    source = new EventSource(url)
    source.addEventListener('open', () => tell('open'))
    source.addEventListener('error', () => {
      tell('lost')
      if (source?.readyState === EventSource.CLOSED) timer = setTimeout(connect, AGAIN_MS)
    })
    for (const name of Object.keys(handlers) as (keyof Events & string)[]) {
      source.addEventListener(name, ({ data }: MessageEvent<string>) => {
        handlers[name](JSON.parse(data) as Events[typeof name])
      })
    }
  }

  tell('connecting')
  connect()
  return {
    contact,
    close() {
      clearTimeout(timer)
      source?.close()
    },
  }
}
