import type { Tone } from '@holdfast/ui'
import type { Depth } from '../src/feed.ts'

/** How a state of events is shown: in this order, with this colour, and what it means. */
export interface DepthState {
  readonly state: Exclude<keyof Depth, 'lagMs'>
  readonly colour: `--${string}`
  readonly hint: string
  /** Where there are any. */
  readonly tone?: Tone
}

export const DEPTH_STATES: readonly DepthState[] = [
  { state: 'waiting', colour: '--series-1', hint: 'They run as soon as a worker has a free slot.' },
  { state: 'parked', colour: '--series-3', hint: 'They wait behind an earlier event of their conversation.' },
  { state: 'active', colour: '--series-4', hint: 'Workers run them now.' },
  { state: 'sleeping', colour: '--ink-faint', hint: 'Their handlers sleep and hold no slot.' },
  { state: 'retrying', colour: '--series-5', hint: 'They failed, and wait to be tried again.', tone: 'warn' },
  { state: 'failed', colour: '--series-6', hint: 'Dead letters: kept until a person decides.', tone: 'bad' },
]
