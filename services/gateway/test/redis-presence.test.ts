import { EventEmitter } from 'node:events'
import { type AwaitedRedis, ManualClock, ProblemError } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { QueueTrouble } from '../src/queue-troubles.ts'
import { RedisPresence } from '../src/redis-presence.ts'
import { recordingLog } from './fixtures.ts'

class FakeRedis extends EventEmitter {
  status = 'ready'
  quit = vi.fn(async () => 'OK')
  disconnect = vi.fn()
}

let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let redis: FakeRedis
let eventsFlow: boolean
let trouble: QueueTrouble | undefined
let waiting: { count: number; bytes: number; keptCount: number }
let untilAnswers: AwaitedRedis['untilAnswers']
let presence: RedisPresence

beforeEach(() => {
  clock = new ManualClock()
  log = recordingLog()
  redis = new FakeRedis()
  eventsFlow = true
  trouble = undefined
  waiting = { count: 0, bytes: 0, keptCount: 0 }
  untilAnswers = async () => {}
  presence = new RedisPresence({
    awaited: {
      redis: redis as unknown as AwaitedRedis['redis'],
      untilAnswers: (onSilence, signal) => untilAnswers(onSilence, signal),
    },
    eventsFlow: () => eventsFlow,
    trouble: () => trouble,
    waiting: () => waiting,
    bound: { count: 1_000, bytes: 1_000_000 },
    startFields: () => ({ address: 'http://here' }),
    clock,
    log,
  })
})

afterEach(async () => {
  await presence.stop()
  expect(clock.timerCount, 'timers left').toBe(0)
  expect(redis.eventNames()).toEqual([])
})

const told = () => log.lines.map(({ level, message }) => `${level}: ${message}`)

function goes(): void {
  redis.status = 'reconnecting'
  redis.emit('close')
}

function comes(): void {
  redis.status = 'ready'
  redis.emit('ready')
}

describe('an absence of Redis', () => {
  test('is told once when it begins and once when it ends, however often it is looked for', async () => {
    await presence.start()
    for (const change of [goes, goes, comes, comes]) change()
    expect(told()).toEqual([
      expect.stringMatching(/^warn: Redis does not answer/),
      'info: Redis answers again',
    ])
  })

  test('is told as a refusal where Redis answers and takes no events, with what to do, and once however often it is tried', async () => {
    await presence.start()
    trouble = { refused: "OOM command not allowed when used memory > 'maxmemory'." }
    for (eventsFlow of [false, true, false, true]) clock.advance(1_000)
    expect(presence.answers).toBe(false)
    expect(presence.why).toMatch(/^Redis refuses events since /)
    trouble = undefined
    clock.advance(1_000)
    expect(told()).toEqual([
      expect.stringMatching(/^warn: Redis refuses events: it is full; .*maxmemory/),
      'info: Redis takes events again',
    ])
    expect(log.lines[0]).toMatchObject({ fields: { why: expect.stringMatching(/^OOM/) } })
  })

  test('is told anew when Redis comes back and refuses', async () => {
    await presence.start()
    goes()
    trouble = { refused: 'MISCONF Redis is configured to save' }
    comes()
    trouble = undefined
    clock.advance(1_000)
    expect(told()).toEqual([
      expect.stringMatching(/^warn: Redis does not answer/),
      expect.stringMatching(/^warn: Redis refuses events: .*disk/),
      'info: Redis takes events again',
    ])
  })

  test('names the partitions where it is not all of Redis that is away', async () => {
    await presence.start()
    eventsFlow = false
    trouble = { partitions: [2] }
    clock.advance(2_000)
    expect(log.lines[0]).toMatchObject({ level: 'warn', fields: { partitions: [2] } })
  })

  test('is told at most once a minute meanwhile, with what is held and when the bound is reached', async () => {
    await presence.start()
    waiting = { count: 100, bytes: 0, keptCount: 0 }
    goes()
    waiting = { count: 400, bytes: 1_000, keptCount: 390 }
    clock.advance(59_000)
    expect(log.lines).toHaveLength(1)
    clock.advance(60_000)
    expect(log.lines).toHaveLength(2)
    expect(log.lines[1]).toMatchObject({
      level: 'warn',
      message: 'Redis has not answered for 60 s; 400 events wait (40 % of what may), 390 of them on disk',
      // 300 in a minute, and 600 are left.
      fields: { seconds: 60, unconfirmedCount: 400, keptCount: 390, fullInSeconds: 120 },
    })
    clock.advance(60_000)
    expect(log.lines).toHaveLength(3)
  })

  test('says since when it is, what waits, and of what bound', async () => {
    await presence.start()
    clock.advance(5_000)
    const since = new Date(clock.wallAt()).toISOString()
    goes()
    waiting = { count: 10, bytes: 500_000, keptCount: 9 }
    clock.advance(30_000)
    expect(presence.answers).toBe(false)
    expect(presence.why).toBe(
      `Redis does not answer since ${since}; sockets stay open, 10 events wait (50 % of what may), 9 of them on disk`,
    )
    comes()
    expect(presence.answers).toBe(true)
  })

  test('is one where Redis hangs on open connections, but not where events stop for a moment', async () => {
    await presence.start()
    eventsFlow = false
    clock.advance(1_000)
    eventsFlow = true
    clock.advance(5_000)
    expect(log.lines).toEqual([])
    eventsFlow = false
    clock.advance(2_000)
    expect(told()).toEqual([expect.stringMatching(/^warn: Redis does not answer/)])
  })
})

describe('a start', () => {
  test('says what it waits for, each time that it is told, and goes on when Redis answers', async () => {
    untilAnswers = async (onSilence) => {
      onSilence(new ProblemError('redis-unreachable', 'Redis at x does not answer'))
      expect(presence.why).toBe('Redis at x does not answer; waiting for it')
      onSilence(new ProblemError('redis-unreachable', 'Redis at x does not answer'))
    }
    await presence.start()
    expect(told()).toEqual([
      'warn: Redis at x does not answer; waiting for it',
      'warn: Redis at x does not answer; waiting for it',
      'info: Redis answers: the start goes on',
    ])
    expect(log.lines[0]?.fields).toEqual({ address: 'http://here' })
  })

  test('that is given up ends, and looks for nothing', async () => {
    untilAnswers = (_, signal) =>
      new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
    const started = presence.start()
    presence.giveUp()
    await started
    expect(log.lines).toEqual([])
  })

  test('fails where Redis refuses us', async () => {
    const refusal = new ProblemError('redis-refused', 'wrong password')
    untilAnswers = () => Promise.reject(refusal)
    await expect(presence.start()).rejects.toBe(refusal)
  })
})

describe('the goodbye', () => {
  test('is a quit without a word of it', async () => {
    await presence.start()
    await presence.stop()
    goes()
    expect(redis.quit).toHaveBeenCalledOnce()
    expect(redis.disconnect, 'it would only leave a timer').not.toHaveBeenCalled()
    expect(log.lines).toEqual([])
  })

  test('is a cut where the connection breaks under the quit, so that nothing looks for Redis any more', async () => {
    redis.quit.mockRejectedValue(new Error('Connection is closed.'))
    await presence.stop()
    expect(redis.disconnect).toHaveBeenCalledOnce()
  })

  test('is a cut where Redis hangs: nothing but its silence tells', async () => {
    redis.quit.mockReturnValue(new Promise(() => {}))
    await presence.start()
    const stopped = presence.stop()
    clock.advance(1_000)
    await stopped
    expect(redis.disconnect).toHaveBeenCalledOnce()
    redis.quit.mockResolvedValue('OK')
  })

  test('is a cut where Redis is away, since a quit would wait for it', async () => {
    redis.status = 'reconnecting'
    await presence.stop()
    expect(redis.disconnect).toHaveBeenCalledOnce()
    expect(redis.quit).not.toHaveBeenCalled()
  })
})
