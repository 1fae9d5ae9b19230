import { describe, expect, it } from 'vitest'
import { absences } from '../src/absence.ts'
import type { Entry, Fact } from '../src/facts.ts'

/** A record in which each fact happens 10 ms after the one before. */
const record = (...facts: readonly Fact[]): Entry[] => facts.map((fact, n) => ({ ...fact, n, at: n * 10 }))

const slack = (what: 'opened' | 'closed' | 'refused', socket: number): Fact => ({
  kind: 'socket',
  platform: 'slack',
  bot: 'U1',
  socket,
  what,
})
const opened = (socket: number): Fact => ({ kind: 'socket', platform: 'discord', socket, what: 'opened' })
const closed = (socket: number): Fact => ({
  kind: 'socket',
  platform: 'discord',
  bot: 'B1',
  socket,
  what: 'closed',
})
const identified = (socket: number, shard = 0): Fact => ({
  kind: 'identify',
  platform: 'discord',
  bot: 'B1',
  socket,
  outcome: 'ready',
  session: `session of ${socket}`,
  shard: [shard, 2],
})
const resumed = (
  socket: number,
  first: number,
  outcome: 'resumed' | 'invalid-session' = 'resumed',
): Fact => ({
  kind: 'resume',
  platform: 'discord',
  bot: 'B1',
  socket,
  session: `session of ${first}`,
  sequence: 1,
  outcome,
})

describe('the absences of a bot', () => {
  it('are none where the next socket comes before the last one goes', () => {
    const made = [
      slack('opened', 1),
      slack('opened', 2),
      slack('closed', 1),
      slack('opened', 3),
      slack('closed', 2),
    ]
    expect(absences(record(...made))).toEqual([])
  })

  it('last from the close of the last socket to the next that is taken', () => {
    const cut = [slack('opened', 1), slack('opened', 2), slack('closed', 2), slack('closed', 1)]
    expect(absences(record(...cut, slack('refused', 3), slack('opened', 4)))).toEqual([
      { platform: 'slack', bot: 'U1', fromAt: 30, toAt: 50 },
    ])
    expect(absences(record(...cut))).toEqual([{ platform: 'slack', bot: 'U1', fromAt: 30 }])
  })

  it('last on Discord until the session is resumed, or a new one begins, for each shard by itself', () => {
    const began = [opened(1), identified(1), opened(2), identified(2, 1)]
    const changed = [
      closed(1),
      opened(3),
      resumed(3, 1),
      closed(2),
      opened(4),
      resumed(4, 2, 'invalid-session'),
    ]
    expect(absences(record(...began, ...changed, identified(4, 1)))).toEqual([
      { platform: 'discord', bot: 'B1', shard: 0, fromAt: 40, toAt: 60 },
      { platform: 'discord', bot: 'B1', shard: 1, fromAt: 70, toAt: 100 },
    ])
  })

  it('begin with the end of the session, though its socket stays', () => {
    const ended: Fact = {
      kind: 'session-end',
      platform: 'discord',
      bot: 'B1',
      session: 'session of 1',
      why: 'invalidated',
      sequence: 1,
      lostCount: 0,
    }
    const facts = [opened(1), identified(1), ended, opened(2), identified(2), closed(1)]
    expect(absences(record(...facts))).toEqual([
      { platform: 'discord', bot: 'B1', shard: 0, fromAt: 20, toAt: 40 },
    ])
  })

  it('are none where a session is taken from an open socket, and begin when the one that took it goes', () => {
    const taken = [opened(1), identified(1), opened(2), resumed(2, 1), closed(1)]
    expect(absences(record(...taken))).toEqual([])
    const halfOpen = taken.slice(0, -1)
    expect(absences(record(...halfOpen, closed(2)))).toHaveLength(1)
    expect(absences(record(...taken, closed(2)))).toEqual([
      { platform: 'discord', bot: 'B1', shard: 0, fromAt: 50 },
    ])
  })
})
