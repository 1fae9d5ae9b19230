import { Redis } from 'ioredis'
import { describe, expect, onTestFinished, test } from 'vitest'
import { descendantsOf, isAlive, startHoldfast } from './holdfast.ts'
import { openStageFeed } from './stage-feed.ts'

/** Redis and its guard (two shells), the gateway, two workers and the console. */
const LEAST_PROCESSES = 7

const REDIS = process.env.REDIS_URL ?? 'redis://127.0.0.1:6379'
const ACTIONS = ['kill-worker', 'roll', 'restart-gateway', 'pause-redis']

async function startDemo(redisUrl?: string) {
  const demo = startHoldfast(['demo'], redisUrl)
  await demo.printed('Ctrl-C stops everything.')
  const children = descendantsOf(demo.process.pid ?? 0)
  const [, url = ''] = /│ {2}(http:\S+)/.exec(demo.text()) ?? []
  return { demo, children, url }
}

describe('the stage of holdfast demo', () => {
  test('everything that can be pressed, under 50 messages a second, loses, repeats and reorders nothing', async () => {
    const { demo, url } = await startDemo()
    const feed = await openStageFeed(url)
    expect(await feed.post('stream', { perSecond: 50 })).toBe(200)
    await feed.until(({ ledger }) => ledger.answered > 20, 'answering')
    for (const action of ACTIONS) expect(await feed.post(`stage/${action}`)).toBe(200)
    expect(await feed.post('stage/pause-redis')).toBe(409)
    await feed.until(({ parts }) => parts.some(({ state }) => state === 'paused'), 'paused')
    await feed.until(({ running }) => Object.keys(running).length === 0, 'standing again')
    await feed.post('stage/kill-worker')
    await feed.until(({ running }) => Object.keys(running).length === 0, 'standing again')
    await feed.post('stream', { perSecond: 0 })
    await feed.until(({ ledger }) => ledger.waiting === 0, 'handled')
    const { ledger, parts } = feed.state()
    expect(ledger, demo.text()).toMatchObject({
      lost: 0,
      repeated: 0,
      reordered: 0,
      answered: ledger.handled,
    })
    expect(ledger.sent).toBe(ledger.handled + ledger.notRecoverable)
    expect(feed.marks().filter(({ label }) => label.includes('failed'))).toEqual([])
    expect(feed.marks().map(({ kind }) => kind)).toEqual(expect.arrayContaining([...ACTIONS, 'gap']))
    const working = parts.filter(({ kind, state }) => kind === 'worker' && state === 'up')
    expect(working.map(({ version }) => version)).toEqual(['v2', 'v2'])
    demo.process.kill('SIGINT')
    expect(await demo.ended).toBe(0)
  })

  test('puts another worker in the place of one that somebody else killed', async () => {
    const { demo, url } = await startDemo()
    const feed = await openStageFeed(url)
    const worker = feed.state().parts.find(({ kind }) => kind === 'worker')
    process.kill(worker?.pid ?? 0, 'SIGKILL')
    await feed.until(
      ({ parts }) => parts.some(({ name, state }) => name === 'worker 3' && state === 'up'),
      'replaced',
    )
    expect(feed.state().parts).toContainEqual({ ...worker, state: 'killed' })
    demo.type('/quit')
    expect(await demo.ended).toBe(0)
  })
})

describe('the prompt of holdfast demo', () => {
  test('answers what is typed on both platforms, and lets one fault wait for the other', async () => {
    const { demo } = await startDemo()
    demo.type('hello')
    await demo.printed('[Slack #general] bot: v1 heard “hello”')
    await demo.printed('[Discord #general] bot: v1 heard “hello”')
    for (const line of ['/restart-gateway', '/roll', '/discord meanwhile']) demo.type(line)
    await demo.printed('“meanwhile”')
    await demo.printed('v2 is at work')
    expect(demo.text()).toContain('/roll waits until “Restart the gateway” is over')
    demo.type('/slack again')
    await demo.printed('[Slack #general] bot: 🌊 ahoy! v2 caught “again”')
    demo.type('/quit')
    expect(await demo.ended).toBe(0)
  })
})

describe('holdfast demo', () => {
  test('keeps to itself in a Redis that others use, pauses it for nobody, and leaves nothing there', async () => {
    const { demo, url } = await startDemo(REDIS)
    const redis = new Redis(REDIS)
    onTestFinished(() => redis.disconnect())
    const own = () => redis.keys(`{holdfast-demo-${demo.process.pid}}:*`)
    demo.type('hello')
    await demo.printed('bot: v1 heard “hello”')
    expect((await own()).filter((key) => key.includes(':tour:'))).not.toEqual([])
    expect(await redis.keys('{holdfast}:tour:*')).toEqual([])
    const feed = await openStageFeed(url)
    expect(feed.state().refused['pause-redis']).toMatch(
      /^only a Redis that the demo started itself can be frozen/,
    )
    expect(await feed.post('stage/pause-redis')).toBe(409)
    demo.type('/quit')
    expect(await demo.ended).toBe(0)
    expect(await own()).toEqual([])
  })

  test('stops all it started at SIGTERM, also in the middle of everything, and exits with 0', async () => {
    const { demo, children, url } = await startDemo()
    expect(children.length).toBeGreaterThanOrEqual(LEAST_PROCESSES)
    const feed = await openStageFeed(url)
    for (const action of ['pause-redis', 'restart-gateway']) await feed.post(`stage/${action}`)
    await feed.until(({ parts }) => parts.some(({ state }) => state === 'paused'), 'paused')
    demo.process.kill('SIGTERM')
    expect(await demo.ended).toBe(0)
    expect(demo.text()).toMatch(/nothing is left running\n$/)
    expect(children.filter(isAlive)).toEqual([])
  })

  test('leaves nothing running even when it is killed while Redis is paused', async () => {
    const { demo, children, url } = await startDemo()
    const feed = await openStageFeed(url)
    await feed.post('stage/pause-redis')
    await feed.until(({ parts }) => parts.some(({ state }) => state === 'paused'), 'paused')
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
  expect(verdict.sent).toBe((verdict.handled ?? 0) + (verdict.notRecoverable ?? 0))
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
