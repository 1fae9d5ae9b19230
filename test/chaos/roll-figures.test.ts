import type { Entry, Fact } from '@holdfast/simulator'
import { describe, expect, test } from 'vitest'
import type { Observed } from './evidence.ts'
import { type RollFigures, rollFigures } from './roll-figures.ts'

const START = { startedAt: 100, readyAt: 140, ownedAt: 150, endedAt: 200 }
const ROLL = { ...START, tookMs: { 'discord/0': 20 }, peakBytes: { old: 2, next: 1 } }

/** A message every 20 ms from 0 to 300, each begun 5 ms later; 30 ms later where it was said while the shard was away. */
function figures(): RollFigures {
  const record: Entry[] = []
  const fact = (at: number, it: Fact) => record.push({ ...it, n: record.length, at })
  const discord = { platform: 'discord', bot: '9' } as const
  const session = { ...discord, session: 's', sequence: 1 } as const
  fact(0, { kind: 'identify', ...discord, socket: 1, outcome: 'ready', session: 's', shard: [0, 2] })
  fact(130, { kind: 'socket', ...discord, socket: 1, what: 'closed', by: 'bot' })
  fact(165, { kind: 'resume', ...session, socket: 2, outcome: 'resumed' })
  fact(250, { kind: 'socket', ...discord, socket: 2, what: 'closed', by: 'bot' })
  fact(280, { kind: 'resume', ...session, socket: 3, outcome: 'resumed' })
  const ats = Array.from({ length: 16 }, (_, turn) => turn * 20)
  for (const at of ats)
    fact(at, {
      ...{ kind: 'event', platform: 'discord', type: 'MESSAGE_CREATE', channel: 'D1', id: `m${at}` },
      ...{
        user: 'P1',
        text: `chaos #${at} note`,
        deliveredTo: [{ bot: '9', sentCount: 1, bufferedCount: 0 }],
      },
    })
  const lateMs = (at: number) => (at >= 130 && at < 165 ? 30 : 5)
  const observed: Observed = {
    record,
    diary: ats.map((at) => ({
      ...{ what: 'begin', key: `discord chaos #${at} note`, pid: 1, at: at + lateMs(at), delivery: 'live' },
    })),
    killedAt: new Map(),
    bots: { rtm: 'U1', socket: 'U2', discord: '9' },
    guilds: new Map([['D1', '0']]),
    deadLetters: new Set(),
    excusesCutOff: false,
    frozen: [],
    unheard: [],
  }
  return rollFigures([ROLL], observed, { of: (_, id) => Number(id.slice(1)) + 2 })
}

describe('the figures of a replacement', () => {
  test('count from the start of the new process, and only what happened until the old one ended', () => {
    expect(figures().rolls).toEqual([
      {
        ...{ readyMs: 40, ownedMs: 50, endedMs: 100, tookMs: ROLL.tookMs, peakBytes: ROLL.peakBytes },
        ...{ shardsAwayMs: [35], slackAwayCount: 0 },
      },
    ])
  })

  test('tell apart what was said before and during it', () => {
    const { before, during } = figures()
    const queued = { p50Ms: 2, p99Ms: 2, longestMs: 2 }
    const quick = { p50Ms: 5, p99Ms: 5, longestMs: 5 }
    const late = { p50Ms: 5, p99Ms: 30, longestMs: 30 }
    expect(before.discord).toEqual({ queued: { count: 5, ...queued }, begun: { count: 5, ...quick } })
    expect(during.discord).toEqual({ queued: { count: 5, ...queued }, begun: { count: 5, ...late } })
    expect(before.rtm.begun.count).toBe(0)
  })
})
