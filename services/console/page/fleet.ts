import { type Contact, openFeed } from '@holdfast/ui'
import { type ReadonlySignal, signal } from '@preact/signals'
import type { ConsoleEvents, ConsoleHello, NewSample, Sample } from '../src/feed.ts'

/** What the page knows, live. */
export interface Fleet {
  /** Undefined until the console has said hello. */
  readonly known: ReadonlySignal<ConsoleHello | undefined>
  readonly contact: ReadonlySignal<Contact>
}

const HOUR_MS = 3_600_000

/** Opens the feed; what it says is in the signals from then on. */
export function openFleet(): Fleet {
  const known = signal<ConsoleHello | undefined>(undefined)
  const change = (part: Partial<ConsoleHello>) => {
    if (known.value) known.value = { ...known.value, ...part }
  }
  const { contact } = openFeed<ConsoleEvents>('page/feed', {
    hello: (hello) => {
      known.value = hello
    },
    picture: (picture) => change({ picture, redis: { state: 'answers' } }),
    redis: (redis) => change({ redis }),
    samples: (samples) => change({ history: append(known.value?.history ?? {}, samples) }),
  })
  return { known, contact }
}

/** The last hour; what the console no longer watches goes with its next hello. */
function append(history: ConsoleHello['history'], samples: readonly NewSample[]): ConsoleHello['history'] {
  const longer: Record<string, readonly Sample[]> = { ...history }
  for (const { subscription, sample } of samples) {
    const before = history[subscription] ?? []
    longer[subscription] = [...before.filter(([at]) => sample[0] - at <= HOUR_MS), sample]
  }
  return longer
}
