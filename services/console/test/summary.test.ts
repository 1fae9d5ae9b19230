import { describe, expect, test } from 'vitest'
import type { UnitSeen, WorkerSeen } from '../src/feed.ts'
import { type Facts, summarize } from '../src/summary.ts'
import { EMPTY, picture, subscription } from './fixtures.ts'

const unit: UnitSeen = { unit: 'acme', platform: 'slack', state: 'connected', sinceAt: 1, owner: 'replica-a' }
const worker: WorkerSeen = {
  workerId: 'w1',
  subscription: 'commands',
  patterns: [],
  state: 'alive',
  lastBeatAgeMs: 100,
}
const facts = (changed: Partial<Facts> = {}): Facts => {
  const { summary: _, ...rest } = picture()
  return { ...rest, units: [unit], workers: [worker], unreadable: [], resting: [], ...changed }
}
const blocker = { id: 'e.1', type: 'slack.message', lane: 'C1', heldMs: 90_000, waitingCount: 2 }
const suspension = { reason: 'full', sinceAt: 1, missedCount: 12 } as const

describe('how things stand', () => {
  test('is told in one sentence when all is well', () => {
    expect(summarize(facts())).toEqual({
      status: 'well',
      sentence: 'All well: 1 subscription, 1 worker, 1 unit connected.',
      notes: [],
    })
  })

  test.each<[status: string, text: string, changed: Partial<Facts>]>([
    ['trouble', 'No gateway runs: no events come in.', { gateways: [], units: [] }],
    [
      'trouble',
      'acme has stopped for good: the token is refused.',
      { units: [{ ...unit, state: 'fatal', why: 'the token is refused' }] },
    ],
    ['trouble', 'acme has stopped.', { units: [{ ...unit, state: 'stopped' }] }],
    ['trouble', 'acme is free: no gateway serves it.', { units: [{ ...unit, state: 'free' }] }],
    [
      'trouble',
      'acme is held by replica-a, which is not heard of.',
      { units: [{ ...unit, state: 'silent' }] },
    ],
    ['trouble', 'No gateway runs: no events come in.', { gateways: [], units: [{ ...unit, state: 'free' }] }],
    [
      'attention',
      'Gateway replica-a failed its trial: acme: the token is refused.',
      { gateways: [{ replica: 'replica-a', state: 'failed', why: 'acme: the token is refused' }] },
    ],
    [
      'attention',
      'Deploy v2 failed a trial and rests: it takes nothing from others meanwhile.',
      { resting: ['v2'] },
    ],
    ['attention', 'acme is hibernating.', { units: [{ ...unit, state: 'hibernating' }] }],
    [
      'attention',
      '2 handlers of commands hold their conversation for long, with 5 events waiting behind.',
      { subscriptions: [subscription({ blockers: [blocker, { ...blocker, id: 'e.2', waitingCount: 3 }] })] },
    ],
    [
      'trouble',
      'commands takes no events: it is full; missed so far: 12.',
      { subscriptions: [subscription({ suspension })] },
    ],
    [
      'trouble',
      'commands.interactive takes no events: nobody has worked on it for too long; missed so far: 12.',
      {
        subscriptions: [
          subscription({ interactive: { depth: EMPTY, suspension: { ...suspension, reason: 'idle' } } }),
        ],
      },
    ],
    ['attention', 'commands has no worker.', { subscriptions: [subscription({ workerCount: 0 })] }],
    [
      'trouble',
      'commands has no worker, and 3 events waiting.',
      { subscriptions: [subscription({ workerCount: 0, depth: { ...EMPTY, parked: 3 } })] },
    ],
    [
      'attention',
      'The oldest event of commands has waited for 3 min.',
      { subscriptions: [subscription({ depth: { ...EMPTY, waiting: 1, lagMs: 200_000 } })] },
    ],
    [
      'attention',
      'commands has 1 dead letter: holdfast dead ls commands.',
      { subscriptions: [subscription({ depth: { ...EMPTY, failed: 1 } })] },
    ],
    [
      'attention',
      'Worker w1 is connected and gives no sign of life: is its event loop blocked?',
      { workers: [{ ...worker, state: 'silent' }] },
    ],
    [
      'attention',
      'The declaration of subscription "torn" can\'t be read; it is left out.',
      { unreadable: ['torn'] },
    ],
  ])('is %s: %s', (status, text, changed) => {
    expect(summarize(facts(changed))).toMatchObject({ status, sentence: text, notes: [{ text }] })
  })

  test('begins with the worst and counts the rest', () => {
    const summary = summarize(facts({ gateways: [], unreadable: ['torn', 'odd'] }))
    expect(summary.sentence).toBe('No gateway runs: no events come in. 2 more below.')
    expect(summary.notes.map(({ level }) => level)).toEqual(['trouble', 'attention', 'attention'])
  })
})
