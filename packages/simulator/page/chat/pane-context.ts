import { createContext } from 'preact'
import type { ChatMessage, PagePlatform } from '../../src/page/feed.ts'
import type { Outcome } from '../control.ts'

/** What everything in a pane needs. The same object as long as the platform's people and channels are. */
export interface PaneDesk {
  readonly about: PagePlatform
  nameOf(id: string): string | undefined
  openThread(root: ChatMessage): void
  /** Tells the reader when something did not work; `what` was tried: `React`. */
  attempt(what: string, trying: Promise<Outcome>): Promise<boolean>
}

export const PaneContext = createContext<PaneDesk | undefined>(undefined)
