import type { ChatChange, PageBot, PageEvents, PageHello, StreamState } from '../../src/page/feed.ts'
import { placeOfChange } from './change-place.ts'
import { type FaultsView, faultsFrom, withFault } from './faults-view.ts'
import { changedPane, openedChannel, type PaneState, paneFrom } from './pane-state.ts'
import { type StageView, stageFrom, withMark, withSamples } from './stage-view.ts'

/** All that the page knows. There is none before the first `hello`. */
export interface PageState {
  readonly title: string
  /** In the order in which the panes stand. */
  readonly panes: readonly PaneState[]
  readonly stream: StreamState
  readonly bots: readonly PageBot[]
  readonly faults: FaultsView
  /** Absent where the platforms alone are simulated. */
  readonly stage: StageView | undefined
}

/** An event of the feed, or the reader's choice of a channel. */
export type PageInput =
  | { [Name in keyof PageEvents]: { readonly what: Name; readonly data: PageEvents[Name] } }[keyof PageEvents]
  | { readonly what: 'opened'; readonly platform: PaneState['platform']; readonly channel: string }

/**
 * The page after one more input. Pure; what did not change stays the same object, so that only what did is drawn again.
 * What comes before the first `hello` is dropped: `hello` replaces everything.
 */
export function nextPage(page: PageState | undefined, input: PageInput): PageState | undefined {
  if (input.what === 'hello') return pageFrom(input.data, page)
  return page && changedPage(page, input)
}

function changedPage(page: PageState, input: Exclude<PageInput, { what: 'hello' }>): PageState {
  switch (input.what) {
    case 'chat':
      return input.data.reduce(withChange, page)
    case 'presence':
      return withPane(page, input.data.platform, (pane) => ({ ...pane, online: input.data.online }))
    case 'opened':
      return withPane(page, input.platform, (pane) => openedChannel(pane, input.channel))
    case 'stream':
      return { ...page, stream: input.data }
    case 'bots':
      return { ...page, bots: input.data }
    case 'fault':
      return { ...page, faults: withFault(page.faults, input.data) }
    case 'stage':
      return withStage(page, (stage) => ({ ...stage, state: input.data }))
    case 'samples':
      return withStage(page, (stage) => withSamples(stage, input.data))
    case 'mark':
      return withStage(page, (stage) => withMark(stage, input.data))
    default:
      return input satisfies never
  }
}

function pageFrom(hello: PageHello, former: PageState | undefined): PageState {
  const formerOf = (wanted: PaneState['platform']) =>
    former?.panes.find(({ platform }) => platform === wanted)
  const panes = hello.platforms.map((about) => paneFrom(about, hello, formerOf(about.platform)))
  const { title, stream, bots, stage } = hello
  return { title, panes, stream, bots, faults: faultsFrom(hello), stage: stage && stageFrom(stage) }
}

function withChange(page: PageState, change: ChatChange): PageState {
  return withPane(page, placeOfChange(change).platform, (pane) => changedPane(pane, change))
}

function withPane(
  page: PageState,
  platform: PaneState['platform'],
  change: (pane: PaneState) => PaneState,
): PageState {
  return { ...page, panes: page.panes.map((pane) => (pane.platform === platform ? change(pane) : pane)) }
}

function withStage(page: PageState, change: (stage: StageView) => StageView): PageState {
  return page.stage ? { ...page, stage: change(page.stage) } : page
}
