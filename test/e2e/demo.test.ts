import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { descendantsOf, isAlive, startHoldfast } from './holdfast.ts'

/** Redis and its guard (two shells), the simulator, the gateway and two workers. */
const LEAST_PROCESSES = 7

const REDIS = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'

async function startDemo() {
  const demo = startHoldfast(['demo'])
  await demo.printed('Everything runs')
  const children = descendantsOf(demo.process.pid ?? 0)
  expect(children.length).toBeGreaterThanOrEqual(LEAST_PROCESSES)
  return { demo, children }
}

describe('holdfast demo', () => {
  test('answers what is typed on both platforms, also when a worker was killed and the bot released anew', async () => {
    const { demo } = await startDemo()
    demo.type('hello')
    await demo.printed('[Slack #general] bot: echo v1: hello')
    await demo.printed('[Discord #general] bot: echo v1: hello')
    demo.type('/kill')
    await demo.printed('workers now:')
    demo.type('/roll')
    await demo.printed('v2 is at work')
    demo.type('/slack again')
    await demo.printed('[Slack #general] bot: echo v2: again')
    demo.type('/quit')
    expect(await demo.ended).toBe(0)
  })

  test('says what is typed while the gateway is restarted, and lets one fault wait for the other', async () => {
    const { demo } = await startDemo()
    for (const line of ['/restart-gateway', '/roll', '/discord meanwhile', '/stats']) demo.type(line)
    await demo.printed(': meanwhile')
    await demo.printed('v2 is at work')
    const text = demo.text()
    expect(text).toContain('/roll waits until /restart-gateway is over')
    expect(text.indexOf('said 1, answered 0')).toBeLessThan(text.indexOf('a new gateway'))
    demo.type('/quit')
    expect(await demo.ended).toBe(0)
  })

  test('keeps to itself in a Redis that others use, and leaves nothing there', async () => {
    const demo = startHoldfast(['demo'], REDIS)
    await demo.printed('Everything runs')
    const redis = new Redis(REDIS)
    onTestFinished(() => redis.disconnect())
    const own = () => redis.keys(`{holdfast-demo-${demo.process.pid}}:*`)
    demo.type('hello')
    await demo.printed('bot: echo v1: hello')
    expect((await own()).filter((key) => key.includes(':echo:'))).not.toEqual([])
    expect(await redis.keys('{holdfast}:echo:*')).toEqual([])
    demo.type('/quit')
    expect(await demo.ended).toBe(0)
    expect(await own()).toEqual([])
  })

  test.each(['SIGINT', 'SIGTERM'] as const)('stops all it started at %s and exits with 0', async (signal) => {
    const { demo, children } = await startDemo()
    demo.process.kill(signal)
    expect(await demo.ended).toBe(0)
    expect(demo.text()).toMatch(/nothing is left running\n$/)
    expect(children.filter(isAlive)).toEqual([])
  })

  test('leaves nothing running even when it is killed', async () => {
    const { demo, children } = await startDemo()
    demo.process.kill('SIGKILL')
    await demo.ended
    await expect.poll(() => children.filter(isAlive), { timeout: 20_000 }).toEqual([])
  })
})

test('holdfast demo --check finds nothing lost, repeated or out of order in a short run', async () => {
  const check = startHoldfast(['demo', '--check', '--short'])
  const code = await check.ended
  const text = check.text()
  const verdict = JSON.parse(text.trim().split('\n').at(-1) ?? '') as Record<string, number>
  expect(verdict, text).toMatchObject({ lost: 0, repeated: 0, reordered: 0, kills: 2 })
  expect(verdict.sent).toBeGreaterThanOrEqual(500)
  expect(verdict.sent).toBe((verdict.handled ?? 0) + (verdict.inAnnouncedGaps ?? 0))
  expect(code).toBe(0)
})

test('holdfast demo --check can be interrupted, then leaves nothing running and proves nothing', async () => {
  const check = startHoldfast(['demo', '--check'])
  await check.printed('killed worker')
  const children = descendantsOf(check.process.pid ?? 0)
  check.process.kill('SIGINT')
  expect(await check.ended).toBe(1)
  expect(check.text()).toMatch(/holdfast: the check was interrupted; it proves nothing\n$/)
  expect(children.filter(isAlive)).toEqual([])
})
