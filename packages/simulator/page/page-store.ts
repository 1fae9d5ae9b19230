import { type Contact, openFeed } from '@holdfast/ui'
import { type ReadonlySignal, signal } from '@preact/signals'
import { createContext } from 'preact'
import type { PageEvents } from '../src/page/feed.ts'
import { nextPage, type PageInput, type PageState } from './state/page-state.ts'

/** What the components share. */
export interface PageStore {
  readonly page: ReadonlySignal<PageState | undefined>
  readonly contact: ReadonlySignal<Contact>
  tell(input: PageInput): void
}

export const PageContext = createContext<PageStore | undefined>(undefined)

/** The page changes at most this often; readers see no difference, and a slow machine keeps up with a fast stream. */
const CHANGE_MS = 50
/** At this many inputs it changes at once: the browser all but stops the timers of a hidden tab. */
const BACKLOG_BOUND = 1_000

/** Follows the feed at `url`. However many events come, the page is drawn again only now and then. */
export function openPage(url: string): PageStore {
  const page = signal<PageState | undefined>(undefined)
  let backlog: PageInput[] = []
  let changedAt = Number.NEGATIVE_INFINITY

  function flush(): void {
    if (backlog.length === 0) return
    const inputs = backlog
    backlog = []
    changedAt = performance.now()
    page.value = inputs.reduce(nextPage, page.value)
  }

  function tell(input: PageInput): void {
    if (backlog.length === 0) setTimeout(flush, Math.max(0, changedAt + CHANGE_MS - performance.now()))
    backlog.push(input)
    if (backlog.length >= BACKLOG_BOUND) flush()
  }

  const { contact } = openFeed<PageEvents>(url, {
    hello: (data) => tell({ what: 'hello', data }),
    chat: (data) => tell({ what: 'chat', data }),
    presence: (data) => tell({ what: 'presence', data }),
    stream: (data) => tell({ what: 'stream', data }),
    bots: (data) => tell({ what: 'bots', data }),
    fault: (data) => tell({ what: 'fault', data }),
    stage: (data) => tell({ what: 'stage', data }),
    samples: (data) => tell({ what: 'samples', data }),
    mark: (data) => tell({ what: 'mark', data }),
  })
  return { page, contact, tell }
}
