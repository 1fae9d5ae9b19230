import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSlackRtmDriver } from '../services/gateway/src/drivers/slack-rtm-driver.ts'
import { type Replica, SuccessionStage, UNIT } from './slack-succession.ts'

let stage: SuccessionStage
let holder: Replica
let successor: Replica
/** The number under which the holder serves. */
let fence: number

const create = () =>
  stage.replica((tools) =>
    createSlackRtmDriver({
      ...tools,
      connection: UNIT,
      token: stage.bot.token,
      apiUrl: stage.at.slackApiUrl,
    }),
  )

beforeEach(async () => {
  stage = await SuccessionStage.set()
  holder = create()
  successor = create()
  fence = await stage.store.fence(UNIT)
  await holder.driver.start(fence)
  await stage.until(() => holder.driver.status().state === 'connected')
  stage.talk()
  await stage.moreSaid()
})

afterEach(() => stage.end())

/** Each leads to the next; all of them are a hand-over. */
const STEPS: readonly (readonly [stage: string, step: () => Promise<void>])[] = [
  ['arrived', async () => expect(await successor.driver.arrive(fence)).toEqual({ kind: 'arrived' })],
  ['yielded', async () => expect(await holder.driver.yield(5_000)).toBe('serving')],
  ['proceeded', async () => successor.driver.proceed()],
  ['own', own],
  ['left', () => holder.driver.stop(5_000)],
]

async function own(): Promise<void> {
  fence = await stage.store.fence(UNIT)
  await successor.driver.own(fence)
}

async function handOver(upTo = 'left'): Promise<void> {
  for (const [name, step] of STEPS) {
    await step()
    await stage.moreSaid()
    if (name === upTo) return
  }
}

async function expectWhole(): Promise<void> {
  await stage.hush()
  expect({ lost: stage.lost, repeated: stage.repeated, reordered: stage.reordered }).toEqual({
    lost: [],
    repeated: [],
    reordered: [],
  })
}

describe('a hand-over of an RTM connection between two processes', () => {
  it('loses nothing, repeats nothing, keeps the order of each channel and announces no gap', async () => {
    await handOver()
    await expectWhole()
    expect(stage.gaps).toEqual([])
    expect(stage.queue.recognisedCount).toBeGreaterThan(0)
    expect([...holder.alarms, ...successor.alarms]).toEqual([])
    expect(stage.simulator.slack.sockets()).toHaveLength(1)
  })

  it('goes round again: the successor yields to the next as the holder did', async () => {
    await handOver()
    holder = successor
    successor = create()
    await handOver()
    await expectWhole()
    expect(stage.gaps).toEqual([])
  })

  it.each(['yielded', 'proceeded'])(
    'is whole without a gap where the holder dies once it has %s',
    async (upTo) => {
      await handOver(upTo)
      holder.kill()
      if (upTo === 'yielded') successor.driver.proceed()
      await stage.moreSaid()
      await successor.driver.own(await stage.store.fence(UNIT))
      await stage.moreSaid()
      await expectWhole()
      expect(stage.gaps).toEqual([])
    },
  )

  it('loses nothing where the holder dies once its successor has arrived, and a gap is announced, since nobody can know', async () => {
    await handOver('arrived')
    holder.kill()
    await successor.driver.own(await stage.store.fence(UNIT))
    await stage.moreSaid()
    await expectWhole()
    expect(stage.gaps).toHaveLength(1)
  })

  it('tells of a gap, and misses nothing outside of it, where the holder dies before its successor has arrived', async () => {
    holder.kill()
    const lastSaid = stage.queue.said.length
    await successor.driver.start(await stage.store.fence(UNIT))
    await stage.moreSaid()
    await stage.hush()
    expect(stage.repeated).toEqual([])
    expect(stage.reordered).toEqual([])
    expect(stage.gaps).toHaveLength(1)
    // What is missing is one stretch, from the holder's last word to the successor's first.
    expect(stage.lost).toEqual(stage.said.slice(lastSaid, lastSaid + stage.lost.length))
  })

  it.each(['arrived', 'yielded', 'proceeded'])(
    'leaves the holder serving where the successor dies once it has %s, and the next one succeeds',
    async (upTo) => {
      await handOver(upTo)
      successor.kill()
      await stage.moreSaid()
      successor = create()
      await handOver()
      await expectWhole()
      expect(stage.gaps).toEqual([])
    },
  )
})
