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

/** At this many inputs the page is brought up to date without waiting for a frame: a hidden tab gets none. */
const BACKLOG_BOUND = 200

/** Follows the feed at `url`. However many events come, the page changes once for each frame of the screen. */
export function openPage(url: string): PageStore {
  const page = signal<PageState | undefined>(undefined)
  let backlog: PageInput[] = []

  function flush(): void {
    const inputs = backlog
    backlog = []
    page.value = inputs.reduce(nextPage, page.value)
  }

  function tell(input: PageInput): void {
    if (backlog.length === 0) requestAnimationFrame(flush)
    backlog.push(input)
    if (backlog.length >= BACKLOG_BOUND) flush()
  }

  const { contact } = openFeed<PageEvents>(url, {
    hello: (data) => tell({ what: 'hello', data }),
    chat: (data) => tell({ what: 'chat', data }),
    presence: (data) => tell({ what: 'presence', data }),
    stream: (data) => tell({ what: 'stream', data }),
    stage: (data) => tell({ what: 'stage', data }),
    samples: (data) => tell({ what: 'samples', data }),
    mark: (data) => tell({ what: 'mark', data }),
  })
  return { page, contact, tell }
}
