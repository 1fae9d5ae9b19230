import type { Entry } from '@holdfast/simulator'
import { describe, expect, test } from 'vitest'
import type { GatewayProcess } from './gateway-process.ts'
import { type QueuedEvent, textOf } from './queued-events.ts'
import { CONNECTIONS, type ConnectionName, Stage } from './stage.ts'

/*
 * P1, P6 and P7: the gateway is replaced or killed while people talk. Discord repeats to whoever resumes, so nothing may be
 * missing there; RTM repeats nothing, so whatever is missing there must lie within the one gap that is announced.
 */

const SLACK = CONNECTIONS.filter((name) => name.startsWith('slack'))
const DISCORD = CONNECTIONS.filter((name) => name.startsWith('discord'))

interface Gap {
  readonly from: string
  readonly to: string
  readonly why: string
}

async function eventsOf(stage: Stage, connection: ConnectionName) {
  const all = await stage.queued.of('all', connection)
  const isMessage = ({ type }: QueuedEvent) => /\.(message|MESSAGE_CREATE)$/.test(type)
  const gaps = all.filter(({ type }) => type === 'holdfast.gap').map(({ data }) => data as unknown as Gap)
  return { texts: all.filter(isMessage).map(textOf), gaps }
}

/** What was posted on a platform, in order, and when. */
function posted(stage: Stage, platform: 'slack' | 'discord'): Extract<Entry, { kind: 'event' }>[] {
  return stage.simulator.record.of('event').filter((entry) => entry.platform === platform)
}

async function expectNothingLostOnDiscord(stage: Stage): Promise<void> {
  const expected = posted(stage, 'discord').map(({ text }) => text)
  for (const connection of DISCORD) {
    const { texts, gaps } = await eventsOf(stage, connection)
    expect(texts, connection).toEqual(expected)
    expect(gaps, connection).toEqual([])
  }
}

/** Resolves to how many messages are missing, all of them within the one gap of each connection. */
async function expectLossesInOneGapOnSlack(stage: Stage): Promise<number> {
  let missingCount = 0
  for (const connection of SLACK) {
    const { texts, gaps } = await eventsOf(stage, connection)
    expect(gaps, connection).toMatchObject([{ why: 'rtm-disconnected' }])
    const missing = posted(stage, 'slack').filter(({ text }) => !texts.includes(text))
    for (const { text, at } of missing) {
      expect(at, `${connection} misses "${text}"`).toBeGreaterThanOrEqual(Date.parse(gaps[0]?.from ?? ''))
      expect(at, `${connection} misses "${text}"`).toBeLessThanOrEqual(Date.parse(gaps[0]?.to ?? ''))
    }
    const there = posted(stage, 'slack').filter(({ text }) => texts.includes(text))
    expect(texts, connection).toEqual(there.map(({ text }) => text))
    missingCount += missing.length
  }
  return missingCount
}

function expectResumedOnly(stage: Stage): void {
  const { record } = stage.simulator
  expect(record.of('identify')).toHaveLength(DISCORD.length)
  expect(record.of('resume').map(({ outcome }) => outcome)).toEqual(DISCORD.map(() => 'resumed'))
  expect(record.of('session-end')).toEqual([])
  const offline = record
    .of('presence')
    .filter(({ platform, status }) => platform === 'discord' && status === 'offline')
  expect(offline).toEqual([])
}

/** People talk: one message on each platform every `everyMs`. Resolves when all `count` are said. */
function talk(stage: Stage, count: number, everyMs: number, on: (said: number) => void): Promise<void> {
  return new Promise((resolve) => {
    let said = 0
    const timer = setInterval(() => {
      stage.say(`talk ${said++}`)
      on(said)
      if (said < count) return
      clearInterval(timer)
      resolve()
    }, everyMs)
  })
}

describe('a gateway that is replaced', () => {
  test('resumes on Discord and receives what came meanwhile; on RTM that is one gap, and nothing else is missing', async () => {
    const stage = await Stage.open()
    const before = await stage.startGateway()
    for (let n = 0; n < 10; n++) stage.say(`before ${n}`)
    await stage.settle('the last before')
    expect(await before.stop()).toBe(0)
    expect(before.linesAt('error')).toEqual([])

    for (let n = 0; n < 10; n++) stage.say(`meanwhile ${n}`)

    const after = await stage.startGateway()
    for (let n = 0; n < 10; n++) stage.say(`after ${n}`)
    await stage.settle('the last after')

    expectResumedOnly(stage)
    await expectNothingLostOnDiscord(stage)
    expect(await expectLossesInOneGapOnSlack(stage)).toBe(10 * SLACK.length)
    expect(await after.count('holdfast_gaps_total')).toBe(SLACK.length)
    expect(await after.count('holdfast_events_duplicate_total')).toBe(0)
  })
})

describe('a gateway that is killed', () => {
  test('while people talk loses nothing on Discord, keeps the order, and loses on RTM only within the gap', async () => {
    const stage = await Stage.open()
    const killed = await stage.startGateway()
    await stage.settle('first')
    let successor: Promise<GatewayProcess> | undefined
    await talk(stage, 100, 20, (said) => {
      if (said === 40) successor = killed.kill().then(() => stage.startGateway())
    })
    await successor
    await stage.settle('last')

    expectResumedOnly(stage)
    await expectNothingLostOnDiscord(stage)
    const missingCount = await expectLossesInOneGapOnSlack(stage)
    expect(missingCount).toBeGreaterThan(0)
  })
})
