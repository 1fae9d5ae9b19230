import type { Outcome } from '@holdfast/queue'
import { expect, test } from 'vitest'
import {
  DiscardError,
  JobAbortedError,
  NonRetryableError,
  PlatformWaitError,
  TokenError,
} from '../src/errors.ts'
import { backoffMs, decideOutcome, type Ending, MAX_WAIT_COUNT, type Trial } from '../src/outcome.ts'

const policy = { attempts: 3, backoff: { baseMs: 1_000, maxMs: 60_000 } }
const trial: Trial = { attempt: 1, waitCount: 0, aborted: undefined, random: 0 }
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
  ['waits as long as the platform asks', threw(limited), { attempt: 3 }, retryIn(30_000)],
  [
    'waits for a platform that is away beyond the attempts',
    threw(away),
    { attempt: 3, waitCount: 5 },
    retryIn(16_000),
  ],
  [
    'waits long for a token, and no longer than five minutes',
    threw(new TokenError('token-refused', 'no')),
    { attempt: 3, waitCount: 20, random: 0.999_999 },
    { kind: 'retry', delayMs: 300_000 },
  ],
  ['does not wait for ever', threw(away), { waitCount: MAX_WAIT_COUNT }, { kind: 'dead' }],
])('%s', (_, ending, facts, expected) => {
  expect(decideOutcome(ending, { ...trial, ...facts }, policy)).toMatchObject(expected)
})

test('keeps the stack of the last failure with the dead letter', () => {
  const outcome = decideOutcome(threw(boom), { ...trial, attempt: 3 }, policy)
  expect(outcome).toMatchObject({ stack: boom.stack })
})

test('draws the upper half of the wait, and never passes its bound', () => {
  expect(backoffMs(policy.backoff, 1, 0)).toBe(500)
  expect(backoffMs(policy.backoff, 1, 0.999)).toBe(1_000)
  expect(backoffMs(policy.backoff, 50, 0.999)).toBeLessThanOrEqual(60_000)
})
