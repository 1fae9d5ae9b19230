import { EVENT_VERSION, encodeEvent, type OutgoingEvent } from '@holdfast/events'

/** What a handler is to do with an event. */
export interface Work {
  /** Number of the event. */
  readonly n: number
  /** Its conversation. */
  readonly lane: number
  /**
   * | way | handler |
   * |---|---|
   * | `steps` | works for `ms`, in so many steps and a rest |
   * | `heed` | works for `ms` in a worker of the first generation, and ends when its signal says so |
   * | `ignore` | works for `ms` in a worker of the first generation, whatever its signal says |
   * | `sleep` | does a step, sleeps for `ms`, does another one |
   * | `wait` | does a step, waits for `ms` for a `go` that names it, does another one |
   * | `go` | nothing, where nobody waits for it |
   */
  readonly way: 'steps' | 'heed' | 'ignore' | 'sleep' | 'wait' | 'go'
  readonly ms: number
  readonly steps?: number
  /** The number of the event whose handler waits for this one. */
  readonly go?: number
}

const DEDUPE_MS = 3_600_000

/** As a gateway would make it of a message in the conversation of its lane. */
export function eventOf({ n, lane, ...work }: Work): OutgoingEvent {
  const [id, subject] = [`slack~chaos~${n}`, `slack.C${lane}`]
  const attributes = {
    specversion: '1.0',
    id,
    source: '/slack/chaos',
    type: 'slack.message',
    subject,
    datacontenttype: 'application/json',
    hfversion: EVENT_VERSION,
    platform: 'slack',
    connection: 'chaos',
    receivedat: new Date().toISOString(),
    delivery: 'live',
  } as const
  return {
    ...{ id, subject, type: attributes.type, delivery: attributes.delivery },
    ...{ dedupeWindowMs: DEDUPE_MS, interactive: false },
    text: encodeEvent(attributes, JSON.stringify({ n, lane, ...work })),
  }
}
