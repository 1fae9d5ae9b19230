import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createSlackSocketModeDriver } from '../services/gateway/src/drivers/slack-socket-mode-driver.ts'
import { type Replica, SuccessionStage, UNIT } from './slack-succession.ts'

let stage: SuccessionStage
let holder: Replica
let successor: Replica
/** The number under which the holder serves. */
let fence: number

const create = (sockets = 2) =>
  stage.replica((tools) =>
    createSlackSocketModeDriver({
      ...tools,
      connection: UNIT,
      appToken: stage.bot.appToken,
      botToken: stage.bot.token,
      apiUrl: stage.at.slackApiUrl,
      sockets,
    }),
  )

beforeEach(async () => {
  stage = await SuccessionStage.set()
  holder = create()
  successor = create()
  fence = await stage.store.fence(UNIT)
  await holder.driver.start(fence)
  await stage.until(() => holder.driver.status().sockets?.open === 2)
  stage.talk()
  await stage.moreSaid()
})

afterEach(() => stage.end())

/** Each leads to the next; all of them are a hand-over. */
const STEPS: readonly (readonly [stage: string, step: () => Promise<void>])[] = [
  ['arrived', async () => expect(await successor.driver.arrive(fence)).toEqual({ kind: 'arrived' })],
  ['yielded', async () => expect(await holder.driver.yield(5_000)).toBe('closed')],
  ['own', own],
]

async function own(): Promise<void> {
  fence = await stage.store.fence(UNIT)
  await successor.driver.own(fence)
}

async function handOver(upTo = 'own'): Promise<void> {
  for (const [name, step] of STEPS) {
    await step()
    if (name === upTo) return
    if (name === 'arrived') await stage.moreSaid()
  }
}

/** What crossed the close of a socket Slack sends again, when it has waited for its acknowledgement. */
async function expectWhole(): Promise<void> {
  await stage.moreSaid()
  await stage.hush()
  await stage.queue.until(() => stage.lost.length === 0)
  expect({ repeated: stage.repeated, reordered: stage.reordered, gaps: stage.gaps }).toEqual({
    repeated: [],
    reordered: [],
    gaps: [],
  })
}

describe('a hand-over of a Socket Mode connection between two processes', () => {
  it('loses nothing, repeats nothing, keeps the order in which Slack sent, and alarms nobody', async () => {
    await handOver()
    await expectWhole()
    expect([...holder.alarms, ...successor.alarms]).toEqual([])
    expect(stage.simulator.slack.sockets()).toHaveLength(2)
    expect(successor.driver.status()).toMatchObject({ state: 'connected', sockets: { open: 2 } })
  })

  it('goes round and round, with one socket in each process', async () => {
    for (let round = 0; round < 5; round++) {
      successor = create(1)
      await handOver()
      await holder.driver.stop(0)
      await stage.moreSaid()
      holder = successor
    }
    await expectWhole()
    expect(stage.replicas.flatMap(({ alarms }) => alarms)).toEqual([])
    expect(stage.simulator.slack.sockets()).toHaveLength(1)
  })

  it.each(['arrived', 'yielded'])('loses nothing where the holder dies once it has %s', async (upTo) => {
    await handOver(upTo)
    holder.kill()
    await own()
    await expectWhole()
  })

  it('loses nothing where the holder dies before its successor has arrived', async () => {
    holder.kill()
    await successor.driver.start(await stage.store.fence(UNIT))
    await expectWhole()
  })

  it('loses nothing where the successor dies once it has arrived, and the next one succeeds', async () => {
    await handOver('arrived')
    successor.kill()
    await stage.moreSaid()
    successor = create()
    await handOver()
    await expectWhole()
  })

  it('loses nothing where the successor dies once the holder has yielded, and the next one starts', async () => {
    await handOver('yielded')
    successor.kill()
    await create().driver.start(await stage.store.fence(UNIT))
    await expectWhole()
  })
})
