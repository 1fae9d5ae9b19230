import { describe, expect, test } from 'vitest'
import { composeServices, type Service } from '../src/index.ts'

function recorder() {
  const calls: string[] = []
  const part = (name: string, faults: { start?: Error; stop?: Error } = {}): Service => ({
    async start() {
      calls.push(`start ${name}`)
      if (faults.start) throw faults.start
    },
    async stop() {
      calls.push(`stop ${name}`)
      if (faults.stop) throw faults.stop
    },
  })
  return { calls, part }
}

describe('composed services', () => {
  test('start in order and stop in reverse', async () => {
    const { calls, part } = recorder()
    const whole = composeServices([part('a'), part('b')])
    await whole.start()
    await whole.stop()
    expect(calls).toEqual(['start a', 'start b', 'stop b', 'stop a'])
  })

  test('may be started and stopped twice', async () => {
    const { calls, part } = recorder()
    const whole = composeServices([part('a')])
    await Promise.all([whole.start(), whole.start()])
    await Promise.all([whole.stop(), whole.stop()])
    expect(calls).toEqual(['start a', 'stop a'])
  })

  test('are all stopped, started or not, when one fails to start, and tell that failure', async () => {
    const { calls, part } = recorder()
    const failure = new Error('no')
    const whole = composeServices([part('a'), part('b', { start: failure }), part('c')])
    await expect(whole.start()).rejects.toBe(failure)
    expect(calls).toEqual(['start a', 'start b', 'stop c', 'stop b', 'stop a'])
    await whole.stop()
    expect(calls).toHaveLength(5)
  })

  test('stop all of them though one fails to, and tell the first failure', async () => {
    const { calls, part } = recorder()
    const failure = new Error('stuck')
    const whole = composeServices([part('a'), part('b', { stop: failure })])
    await whole.start()
    await expect(whole.stop()).rejects.toBe(failure)
    expect(calls.at(-1)).toBe('stop a')
  })

  test('start no further part when stopped in the middle', async () => {
    const { calls, part } = recorder()
    let release = () => {}
    const slow: Service = {
      start: () => new Promise((resolve) => (release = resolve)),
      stop: async () => void calls.push('stop slow'),
    }
    const whole = composeServices([slow, part('b')])
    const starting = whole.start()
    const stopping = whole.stop()
    release()
    await Promise.all([starting, stopping])
    expect(calls).toEqual(['stop b', 'stop slow'])
  })

  test('are stopped though they never started, since they may hold things open, and do not start after it', async () => {
    const { calls, part } = recorder()
    const whole = composeServices([part('a'), part('b')])
    await whole.stop()
    await whole.start()
    expect(calls).toEqual(['stop b', 'stop a'])
  })
})
