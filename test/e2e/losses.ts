import type { Entry } from '@holdfast/simulator'
import { expect } from 'vitest'
import { type QueuedEvent, textOf } from './queued-events.ts'
import { CONNECTIONS, type ConnectionName, type Stage } from './stage.ts'

export const SLACK = CONNECTIONS.filter((name) => name.startsWith('slack'))
export const DISCORD = CONNECTIONS.filter((name) => name.startsWith('discord'))

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

/** Every message of Discord is on the queue once for each bot, in the order of the platform's own record. */
export const expectNothingLostOnDiscord = (stage: Stage) => expectNothingLost(stage, 'discord', DISCORD)

/** The same of Slack. */
export const expectNothingLostOnSlack = (stage: Stage) => expectNothingLost(stage, 'slack', SLACK)

async function expectNothingLost(
  stage: Stage,
  platform: 'slack' | 'discord',
  connections: readonly ConnectionName[],
): Promise<void> {
  const expected = posted(stage, platform).map(({ text }) => text)
  for (const connection of connections) {
    const { texts, gaps } = await eventsOf(stage, connection)
    expect(texts, connection).toEqual(expected)
    expect(gaps, connection).toEqual([])
  }
}

/** The same of Slack, but for what lies within the one gap of each connection. Resolves to how many messages are missing. */
export async function expectLossesInOneGapOnSlack(stage: Stage): Promise<number> {
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
