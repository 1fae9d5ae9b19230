import { describe, expect, it } from 'vitest'
import { closeRule, KNOWN_CLOSE_CODES } from '../src/discord/close-codes.ts'
import { closed, connectedShard, hello, opened, timer } from './shard-run.ts'

const RESUME = [
  [undefined, 'closed without a code'],
  [1000, 'normal closure'],
  [1001, 'going away'],
  [1006, 'abnormal closure'],
  [1011, 'another code of the websocket protocol'],
  [4000, 'unknown error'],
  [4001, 'unknown opcode'],
  [4002, 'decode error'],
  [4005, 'already authenticated'],
  [4008, 'rate limited'],
  [4009, 'session timed out'],
  [4999, 'a code nobody knows'],
] as const

const IDENTIFY = [
  [4003, 'not authenticated'],
  [4006, 'session not valid, undocumented'],
  [4007, 'invalid sequence'],
] as const

const FATAL = [
  [4004, 'authentication failed', /`token`/],
  [4010, 'invalid shard', /`shards`/],
  [4011, 'sharding required', /`shards`/],
  [4012, 'invalid API version', /update/],
  [4013, 'invalid intents', /`intents`/],
  [4014, 'disallowed intents', /developer portal/],
] as const

describe('after a close by Discord', () => {
  it.each(RESUME)('%s (%s) the session is resumed', (code) => {
    const shard = connectedShard().feed(closed(code))
    expect(shard.all('sessionLost')).toHaveLength(0)
    shard.feed(timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toEqual([{ kind: 'resume', sessionId: 'session-a', sequence: 0 }])
  })

  it.each(IDENTIFY)('%s (%s) the session is lost and a new one started', (code) => {
    const shard = connectedShard().feed(closed(code))
    expect(shard.all('sessionLost')).toMatchObject([{ session: { sessionId: 'session-a', confirmed: 0 } }])
    shard.feed(timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toHaveLength(0)
    expect(shard.all('requestPermit')).toHaveLength(1)
  })

  it.each(FATAL)('%s (%s) the shard stops and says what to do', (code, _, advice) => {
    const shard = connectedShard().feed(closed(code))
    expect(shard.state.kind).toBe('fatal')
    expect(shard.all('fatal')[0]?.why).toContain(String(code))
    expect(shard.all('fatal')[0]?.why).toMatch(advice)
    expect(shard.all('setTimer')).toHaveLength(0)
  })

  it('no row of the table is without a test', () => {
    const tested: readonly (number | undefined)[] = [...RESUME, ...IDENTIFY, ...FATAL].map(([code]) => code)
    expect(KNOWN_CLOSE_CODES.filter((code) => !tested.includes(code))).toEqual([])
  })

  it('every fatal row gives advice, and no other stops', () => {
    for (const code of KNOWN_CLOSE_CODES) {
      const rule = closeRule(code)
      if (rule.action === 'fatal') expect(rule.advice.length).toBeGreaterThan(20)
      else expect(connectedShard().feed(closed(code)).state.kind).toBe('backingOff')
    }
  })
})
