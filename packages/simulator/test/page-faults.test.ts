import { describe, expect, it, test } from 'vitest'
import { valuesOf } from '../page/faults/fault-values.ts'
import { allMarks } from '../page/state/faults-view.ts'
import { nextPage } from '../page/state/page-state.ts'
import { listFaults } from '../src/index.ts'
import { FeedReader } from './feed-reader.ts'
import { hello, mark } from './page-told.ts'
import { setStage } from './stage.ts'

describe('the feed', () => {
  async function withPage() {
    const stage = await setStage()
    const page = new FeedReader(`${stage.at.url}/page/feed`)
    return { ...stage, page, hello: await page.next('hello') }
  }

  it('begins with what can go wrong, what did, and the sockets of each bot', async () => {
    const stage = await setStage()
    await stage.ready()
    stage.simulator.fault({ fault: 'duplicate-event', platform: 'slack', count: 3 })
    const page = new FeedReader(`${stage.at.url}/page/feed`)
    const { bots, faults, lastFaults } = await page.next('hello')
    expect(faults).toEqual(JSON.parse(JSON.stringify(listFaults())))
    expect(lastFaults).toMatchObject([{ platform: 'slack', name: 'duplicate-event', detail: 'count=3' }])
    const { userId: id, name } = stage.discordBot
    const sockets = [{ socket: 1, state: 'open', about: 'shard 0 of 1' }]
    expect(bots).toContainEqual({ platform: 'discord', id, name, sockets })
    page.leave()
  })

  it('tells each fault as it happens, with how long it lasts', async () => {
    const { page, simulator } = await withPage()
    simulator.fault({ fault: 'refuse-connects', platform: 'discord', forMs: 5_000 })
    expect(await page.next('fault')).toMatchObject({
      platform: 'discord',
      name: 'refuse-connects',
      forMs: 5_000,
    })
  })

  it('tells of a fault that there was no socket for, and of no other, that it hit nothing', async () => {
    const { page, simulator, rtm } = await withPage()
    await rtm()
    for (const fault of ['refresh', 'drop-sockets', 'connect-error'])
      simulator.fault({ fault, platform: 'slack' })
    expect(await page.next('fault')).toMatchObject({ name: 'refresh', hitNothing: true })
    expect(await page.next('fault')).not.toHaveProperty('hitNothing')
    expect(await page.next('fault')).not.toHaveProperty('hitNothing')
  })

  it('tells the sockets when they are not what they were, and only then', async () => {
    const { page, simulator, clock, rtm, ready } = await withPage()
    await rtm()
    await ready()
    const states = async () => {
      clock.advance(250)
      const bots = await page.next('bots')
      return bots.flatMap(({ sockets }) => sockets.map(({ state, about }) => `${about} ${state}`))
    }
    expect(await states()).toEqual(['rtm open', 'shard 0 of 1 open'])
    clock.advance(250)
    simulator.fault({ fault: 'delay', platform: 'slack', ms: 10, forMs: 60_000 })
    simulator.fault({ fault: 'half-open', platform: 'discord' })
    expect(await states()).toEqual(['rtm delayed', 'shard 0 of 1 frozen'])
    simulator.fault({ fault: 'drop-sockets', platform: 'discord' })
    expect(await states()).toEqual(['rtm delayed', 'shard 0 of 1 waiting'])
  })
})

describe('a filled form', () => {
  const filled = (fields: Record<string, string>) => ({ get: (name: string) => fields[name] ?? null })
  const parametersOf = (fault: string) => listFaults()[fault]?.parameters.discord ?? []

  test.each([
    ['close-sockets', { bot: '', code: '4000' }, { code: 4_000 }],
    ['delay', { bot: '42', ms: '1.5', forMs: '7' }, { bot: '42', ms: 1.5, forMs: 7 }],
    ['invalid-session', { resumable: 'on' }, { resumable: true }],
    ['invalid-session', {}, {}],
    ['refuse-connects', { forMs: '5', target: 'resume', other: 'x' }, { forMs: 5, target: 'resume' }],
  ])('of %s is read by what its fields mean', (fault, fields, values) => {
    expect(valuesOf(filled(fields), parametersOf(fault))).toEqual(values)
  })
})

describe('the page', () => {
  const begun = nextPage(undefined, { what: 'hello', data: hello() })
  const fault = { n: 7, at: 1_000, platform: 'slack', name: 'slow-hello', forMs: 500 } as const

  test('keeps faults as marks, in order with those of the stage', () => {
    const page = nextPage(begun, { what: 'fault', data: fault })
    const about = { id: -8, at: 1_000, endedAt: 1_500, label: 'slow hello', platform: 'slack' }
    expect(page?.faults.marks).toMatchObject([about])
    const marks = allMarks([mark(1, { at: 900 }), mark(2, { at: 1_100 })], page?.faults.marks ?? [])
    expect(marks.map(({ id }) => id)).toEqual([1, -8, 2])
  })

  test('keeps the last hundred faults', () => {
    const input = { what: 'fault', data: fault } as const
    const page = Array.from({ length: 120 }, () => input).reduce(nextPage, begun)
    expect([page?.faults.last.length, page?.faults.marks.length]).toEqual([100, 100])
  })

  test('takes the sockets as they are told', () => {
    const bots = [{ platform: 'slack', id: 'U1', name: 'otter', sockets: [] }] as const
    expect(nextPage(begun, { what: 'bots', data: bots })?.bots).toBe(bots)
  })
})
