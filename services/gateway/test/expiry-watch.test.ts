import { ManualClock } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { ExpiryWatch } from '../src/expiry-watch.ts'
import { recordingLog } from './fixtures.ts'

const SUBSCRIPTION = {
  name: 'commands',
  patterns: ['slack.*'],
  order: 'conversation',
  initial: false,
  maxWaiting: 1,
  maxIdleMs: 1,
  fixed: false,
  workerCount: 0,
} as const

test('looks for subscriptions that have expired only where one is for development, and stops with its admin', async () => {
  const clock = new ManualClock()
  const told: string[] = []
  let devExpiryMs: number | undefined
  const watch = new ExpiryWatch({
    subscriptions: () => [{ ...SUBSCRIPTION, ...(devExpiryMs && { devExpiryMs }) }],
    openAdmin: () => {
      told.push('open')
      return {
        removeExpired: async () => {
          told.push('look')
          return ['commands']
        },
        stop: async () => void told.push('stop'),
      }
    },
    clock,
    log: recordingLog(),
  })
  await watch.start()
  await watch.look()
  expect(told).toEqual([])
  devExpiryMs = 1_000
  clock.advance(15_000)
  await watch.look()
  clock.advance(15_000)
  await watch.look()
  expect(told).toEqual(['open', 'look', 'look'])
  await watch.stop()
  expect(told.at(-1)).toBe('stop')
  expect(clock.timerCount).toBe(0)
})

test('ends a removal before it stops, but does not wait for a Redis that is away', async () => {
  for (const isAway of [false, true]) {
    const clock = new ManualClock()
    const told: string[] = []
    let end = () => {}
    const watch = new ExpiryWatch({
      subscriptions: () => [{ ...SUBSCRIPTION, devExpiryMs: 1_000 }],
      openAdmin: () => ({
        removeExpired: () =>
          new Promise((resolve) => {
            end = () => {
              told.push('removed')
              resolve(['commands'])
            }
          }),
        stop: async () => void told.push('stopped'),
      }),
      clock,
      log: recordingLog(),
    })
    void watch.look()
    const stopping = watch.stop()
    if (isAway) clock.advance(5_000)
    else end()
    await stopping
    expect(told).toEqual(isAway ? ['stopped'] : ['removed', 'stopped'])
    expect(clock.timerCount).toBe(0)
  }
})
