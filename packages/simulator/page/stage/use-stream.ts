import { useState } from 'preact/hooks'
import type { StreamState } from '../../src/page/feed.ts'
import { type Outcome, setStream } from '../control.ts'

export const RATES = [1, 5, 20, 50, 100] as const

/** The stream's switch and its rate, which is chosen also while it stands still. */
export interface StreamSwitch {
  readonly rate: number
  toggle(): void
  setRate(rate: number): void
}

export function useStream(
  { perSecond }: StreamState,
  attempt: (what: string, trying: Promise<Outcome>) => Promise<boolean>,
): StreamSwitch {
  const [chosen, choose] = useState(20)
  const rate = perSecond > 0 ? perSecond : chosen
  return {
    rate,
    toggle() {
      choose(rate)
      void attempt(perSecond > 0 ? 'Stop stream' : 'Start stream', setStream(perSecond > 0 ? 0 : rate))
    },
    setRate(next) {
      choose(next)
      if (perSecond > 0) void attempt('Messages per second', setStream(next))
    },
  }
}
