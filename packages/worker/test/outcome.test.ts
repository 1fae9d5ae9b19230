import type { Outcome } from '@holdfast/queue'
import { expect, test } from 'vitest'
import {
  DiscardError,
  JobAbortedError,
  NonRetryableError,
  PlatformWaitError,
  RetryAtError,
  TokenError,
} from '../src/errors.ts'
import { backoffMs, decideOutcome, type Ending, type Trial } from '../src/outcome.ts'

const policy = { attempts: 3, backoff: { baseMs: 1_000, maxMs: 60_000 } }
const NOW_AT = Date.UTC(2026, 0, 2)
const DAY_MS = 86_400_000
const trial: Trial = { attempt: 1, waits: undefined, nowAt: NOW_AT, aborted: undefined, random: 0 }
/** The job has waited so often, since so long ago. */
const waited = (what: 'platform' | 'token', count: number, ms: number) => ({
  attempt: 3,
  waits: { for: what, count, sinceAt: NOW_AT - ms },
})
const refused = new TokenError('token-refused', 'no')
const threw = (error: unknown): Ending => ({ kind: 'threw', error })
const retryIn = (delayMs: number) => ({ kind: 'retry', delayMs }) as const
const boom = new Error('boom')
const limited = new PlatformWaitError('Slack limits the rate', 30_000)
const away = new PlatformWaitError('no answer from Slack', undefined)

test.each<[string, Ending, Partial<Trial>, Partial<Outcome>]>([
  ['completes when the handler resolved', { kind: 'resolved' }, {}, { kind: 'completed' }],
  [
    'completes when it resolved although told to stop',
    { kind: 'resolved' },
    { aborted: 'drain' },
    { kind: 'completed' },
  ],
  ['gives back what did not stop in time', { kind: 'abandoned' }, { aborted: 'drain' }, { kind: 'returned' }],
  [
    'gives back what threw after it was told to stop',
    threw(boom),
    { aborted: 'drain' },
    { kind: 'returned' },
  ],
  ['gives back on the last attempt too', threw(boom), { aborted: 'drain', attempt: 3 }, { kind: 'returned' }],
  [
    'writes nothing of its own after a lost lock',
    threw(boom),
    { aborted: 'lost-lock' },
    { kind: 'returned' },
  ],
  ['gives back when a record was refused', threw(new JobAbortedError('lost-lock')), {}, { kind: 'returned' }],
  ['completes what the handler discards', threw(new DiscardError('spam')), {}, { kind: 'completed' }],
  ['buries at once what no attempt can mend', threw(new NonRetryableError('no token')), {}, { kind: 'dead' }],
  ['tries again after the first failure', threw(boom), {}, retryIn(500)],
  ['waits twice as long after the second', threw(boom), { attempt: 2 }, retryIn(1_000)],
  ['buries after the last attempt', threw(boom), { attempt: 3 }, { kind: 'dead', reason: 'Error: boom' }],
  [
    'buries what threw no error',
    threw('plain text'),
    { attempt: 3 },
    { kind: 'dead', reason: 'thrown: plain text' },
  ],
  [
    'waits as long as the platform asks, beyond the attempts',
    threw(limited),
    { attempt: 3 },
    { ...retryIn(30_000), uncounted: true },
  ],
  [
    'waits a little longer than asked, so that not all come at once',
    threw(limited),
    { random: 0.5 },
    retryIn(31_500),
  ],
  [
    'waits longer each time for a platform that is away',
    threw(away),
    waited('platform', 5, 60_000),
    { ...retryIn(16_000), uncounted: true },
  ],
  [
    'looks after a platform every five minutes at least',
    threw(away),
    { ...waited('platform', 200, DAY_MS - 1), random: 0.999_999 },
    retryIn(300_000),
  ],
  [
    'waits for a platform for a day, and then says so',
    threw(away),
    waited('platform', 300, DAY_MS),
    {
      kind: 'dead',
      reason: 'PlatformWaitError: no answer from Slack (waited since 2026-01-01T00:00:00.000Z, 300 times)',
    },
  ],
  ['waits for a token from half a minute on', threw(refused), { attempt: 3 }, retryIn(15_000)],
  [
    'waits for a token for more than a weekend, and looks every five minutes at least',
    threw(refused),
    { ...waited('token', 2_000, 7 * DAY_MS - 1), random: 0.999_999 },
    retryIn(300_000),
  ],
  ['waits for a token for a week', threw(refused), waited('token', 2_000, 7 * DAY_MS), { kind: 'dead' }],
  [
    'counts the day for a platform from when a token was no longer what it waited for',
    threw(away),
    waited('token', 900, 3 * DAY_MS),
    retryIn(500),
  ],
  [
    'runs again at the instant that the handler names, not a moment sooner',
    threw(new RetryAtError('busy', { at: new Date(NOW_AT + 5_000) })),
    { random: 0.999 },
    { kind: 'retry', delayMs: 5_000, reason: 'RetryAtError: busy' },
  ],
  ['knows an instant as a number', threw(new RetryAtError('busy', { at: NOW_AT + 7 })), {}, retryIn(7)],
  ['runs again at once where it has passed', threw(new RetryAtError('busy', { at: 1 })), {}, retryIn(0)],
  [
    'runs again after the time that the handler names',
    threw(new RetryAtError('busy', { afterMs: 86_400_001 })),
    {},
    retryIn(86_400_001),
  ],
  [
    'buries after the last attempt, whatever the handler names',
    threw(new RetryAtError('busy', { afterMs: 1 })),
    { attempt: 3 },
    { kind: 'dead' },
  ],
])('%s', (_, ending, facts, expected) => {
  expect(decideOutcome(ending, { ...trial, ...facts }, policy)).toMatchObject(expected)
})

test('spends an attempt for what the handler names, and none for a platform', () => {
  const named = decideOutcome(threw(new RetryAtError('busy', { afterMs: 1 })), trial, policy)
  expect(named).not.toHaveProperty('uncounted')
})

test.each([{ at: new Date('never') }, { at: Number.NaN }, { afterMs: Number.POSITIVE_INFINITY }])(
  'refuses %j for a time',
  (time) => {
    expect(() => new RetryAtError('busy', time)).toThrow(NonRetryableError)
  },
)

test('keeps the stack of the last failure with the dead letter', () => {
  const outcome = decideOutcome(threw(boom), { ...trial, attempt: 3 }, policy)
  expect(outcome).toMatchObject({ stack: boom.stack })
})

test('draws the upper half of the wait, and never passes its bound', () => {
  expect(backoffMs(policy.backoff, 1, 0)).toBe(500)
  expect(backoffMs(policy.backoff, 1, 0.999)).toBe(1_000)
  expect(backoffMs(policy.backoff, 50, 0.999)).toBeLessThanOrEqual(60_000)
})
