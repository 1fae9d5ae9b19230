import fastify from 'fastify'
import { describe, expect, it } from 'vitest'
import { ChatPage } from '../src/page/chat-page.ts'
import { servePage } from '../src/page/page-routes.ts'
import { FeedReader } from './feed-reader.ts'
import { PlayedStage } from './played-stage.ts'
import { setStage } from './stage.ts'
import { TestClock } from './test-clock.ts'
import { post } from './wire.ts'

describe('page', () => {
  it('says in one line what to do when it is not built', async () => {
    const { simulator } = await setStage()
    const { slack, discord, record } = simulator
    const page = new ChatPage({ clock: new TestClock(), record, slack, discord })
    const app = fastify()
    servePage(app, { ...page.parts, folder: '/nowhere' })
    const { statusCode, body } = await app.inject('/')
    expect(statusCode).toBe(503)
    expect(body).toMatch(/^The chat page is not built: run "npm run build"[^\n]+\n$/)
    await app.close()
    page.stop()
  })
})

describe('POST /control/stream', () => {
  it('sets the pace, which the feed tells', async () => {
    const { at, clock, simulator } = await setStage()
    const page = new FeedReader(`${at.url}/page/feed`)
    await page.next('hello')
    expect(await post(`${at.controlUrl}/stream`, { perSecond: 8 })).toEqual({ perSecond: 8, sentCount: 0 })
    clock.advance(1_000)
    expect(await page.next('stream')).toEqual({ perSecond: 8, sentCount: 8 })
    expect(await post(`${at.controlUrl}/stream`, { perSecond: 0 })).toEqual({ perSecond: 0, sentCount: 8 })
    const said = simulator.record.of('event')
    expect(said.filter(({ platform }) => platform === 'slack')).toHaveLength(4)
    expect(new Set(said.map(({ text }) => text)).size).toBe(8)
    expect(new Set(said.map(({ channel }) => channel)).size).toBe(4)
  })

  it('is over when the simulator stops', async () => {
    const { at, clock, simulator } = await setStage()
    await post(`${at.controlUrl}/stream`, { perSecond: 8 })
    await simulator.stop()
    clock.advance(1_000)
    expect(simulator.record.of('event')).toEqual([])
  })

  it.each([
    [{}, '"perSecond" is missing; give a number'],
    [{ perSecond: '5' }, '"perSecond" must be a number'],
    [{ perSecond: 1_001 }, '"perSecond" must be 0 (stops), or a number from 0.01 to 1000, not 1001'],
    // Longer than any timer can wait.
    [{ perSecond: 1e-7 }, '"perSecond" must be 0 (stops), or a number from 0.01 to 1000, not 1e-7'],
    [{ perSecond: -1 }, '"perSecond" must be 0 (stops), or a number from 0.01 to 1000, not -1'],
  ])('refuses %j with one clear line', async (body, line) => {
    const { at } = await setStage()
    const { error } = await post(`${at.controlUrl}/stream`, body)
    expect(error).toBe(`POST /control/stream: ${line}`)
  })
})

describe('POST /control/stage', () => {
  async function perform(action: string, played?: PlayedStage) {
    const { at } = await setStage(played && { page: { stage: played } })
    const response = await fetch(`${at.controlUrl}/stage/${action}`, { method: 'POST' })
    return { status: response.status, body: await response.json() }
  }

  it('begins the action', async () => {
    const played = new PlayedStage()
    expect(await perform('roll', played)).toEqual({ status: 200, body: { ok: true } })
    expect(played.performed).toEqual(['roll'])
  })

  it('lists the actions for one that is unknown', async () => {
    const error = 'no action "fly": use one of roll, kill-worker'
    expect(await perform('fly', new PlayedStage())).toMatchObject({ status: 404, body: { error } })
  })

  it('gives the reason where the stage refuses', async () => {
    const played = new PlayedStage()
    played.refuses.set('roll', 'v2 runs already')
    expect(await perform('roll', played)).toMatchObject({ status: 409, body: { error: 'v2 runs already' } })
  })

  it('says so where there is no stage', async () => {
    const error = 'no action "roll": nothing runs behind this simulator'
    expect(await perform('roll')).toMatchObject({ status: 404, body: { error } })
  })
})
