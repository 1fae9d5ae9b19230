import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { Pulse, silentMsFor } from '../src/redis/pulse.ts'

/** A connection that answers when the test says so. */
class FakeConnection {
  status = 'ready'
  readonly asked: string[] = []
  disconnectedCount = 0
  answer: () => void = () => {}

  get(key: string): Promise<unknown> {
    this.asked.push(key)
    return new Promise((resolve) => {
      this.answer = () => resolve(null)
    })
  }

  disconnect(reconnect: boolean): void {
    expect(reconnect).toBe(true)
    this.disconnectedCount += 1
  }
}

describe('the pulse of a connection', () => {
  const clock = new ManualClock()
  let connection: FakeConnection
  let pulse: Pulse
  beforeEach(() => {
    connection = new FakeConnection()
    pulse = new Pulse({ silentMs: 10_000, key: 'k', clock })
    pulse.start(connection)
  })
  afterEach(() => {
    pulse.stop()
    expect(clock.timerCount).toBe(0)
  })

  const answered = async () => {
    connection.answer()
    await Promise.resolve()
  }

  it('opens it anew when it is open and says nothing', () => {
    clock.advance(10_000)
    expect(connection.disconnectedCount).toBe(0)
    clock.advance(2_000)
    expect(connection).toMatchObject({ disconnectedCount: 1, asked: ['k'] })
  })

  it('leaves it alone while it answers, however late', async () => {
    for (let round = 0; round < 20; round += 1) {
      clock.advance(9_000)
      await answered()
    }
    expect(connection.disconnectedCount).toBe(0)
  })

  it('watches it from the first byte on, before Redis has said that it is ready', () => {
    connection.status = 'connect'
    clock.advance(12_000)
    expect(connection).toMatchObject({ disconnectedCount: 1, asked: [] })
  })

  it('has patience with one that is being opened', () => {
    connection.status = 'reconnecting'
    clock.advance(60_000)
    expect(connection.disconnectedCount).toBe(0)
  })

  it('counts a blocked event loop as one missing answer', async () => {
    clock.advance(2_000)
    // What is due is late, all at once; then answers are read.
    pulse.stop()
    pulse.start(connection)
    clock.advance(2_000)
    await answered()
    clock.advance(8_000)
    expect(connection.disconnectedCount).toBe(0)
  })

  it('leaves time to renew a lock over another connection', () => {
    expect(silentMsFor(30_000)).toBe(10_000)
    expect(silentMsFor(30)).toBe(1_000)
  })
})
