import { describe, expect, it } from 'vitest'
import { closeRule, KNOWN_CLOSE_CODES } from '../src/discord/close-codes.ts'
import { closed, connectedShard, hello, opened, resumingShard, ShardRun, start, timer } from './shard-run.ts'

/**
 * The table of docs.discord.com/developers/topics/opcodes-and-status-codes#gateway-gateway-close-event-codes as the page has
 * it: code, description, whether to reconnect. What is done where it says "true" is ours: resume, or identify anew.
 */
const DOCUMENTED = [
  [4000, 'unknown error', true, 'resume'],
  [4001, 'unknown opcode', true, 'resume'],
  [4002, 'decode error', true, 'resume'],
  [4003, 'not authenticated', true, 'identify'],
  [4004, 'authentication failed', false, /`token`/],
  [4005, 'already authenticated', true, 'resume'],
  [4007, 'invalid sequence', true, 'identify'],
  [4008, 'rate limited', true, 'resume'],
  [4009, 'session timed out', true, 'resume'],
  [4010, 'invalid shard', false, /`shards`/],
  [4011, 'sharding required', false, /raise `shards`/],
  [4012, 'invalid API version', false, /update/],
  [4013, 'invalid intents', false, /`intents`/],
  [4014, 'disallowed intents', false, /developer portal/],
] as const

/** What else a close can be. */
const UNDOCUMENTED = [
  [undefined, 'closed without a code', 'resume'],
  [1000, 'normal closure', 'resume'],
  [1001, 'going away', 'resume'],
  [1006, 'abnormal closure', 'resume'],
  [1011, 'another code of the websocket protocol', 'resume'],
  [4006, 'session not valid, undocumented', 'identify'],
  [4999, 'a code nobody knows', 'resume'],
] as const

const reconnecting = [
  ...DOCUMENTED.flatMap(([code, name, reconnect, then]) => (reconnect ? [[code, name, then] as const] : [])),
  ...UNDOCUMENTED,
]
const resumed = reconnecting.filter(([, , then]) => then === 'resume')
const identified = reconnecting.filter(([, , then]) => then === 'identify')
const fatal = DOCUMENTED.filter(([, , reconnect]) => !reconnect)

describe('after a close by Discord', () => {
  it.each(resumed)('%s (%s) the session is resumed', (code) => {
    const shard = connectedShard().feed(closed(code))
    expect(shard.all('sessionLost')).toHaveLength(0)
    shard.feed(timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toEqual([{ kind: 'resume', sessionId: 'session-a', sequence: 0 }])
  })

  it.each(identified)('%s (%s) the session is lost and a new one started', (code) => {
    const shard = connectedShard().feed(closed(code))
    expect(shard.all('sessionLost')).toMatchObject([{ session: { sessionId: 'session-a', confirmed: 0 } }])
    shard.feed(timer('reconnect'), opened, hello)
    expect(shard.all('resume')).toHaveLength(0)
    expect(shard.all('requestPermit')).toHaveLength(1)
  })

  it.each(identified)('%s (%s) to a resume, the stored session is lost and told as a gap', (code) => {
    const shard = resumingShard().feed(closed(code))
    expect(shard.all('sessionLost')).toMatchObject([
      { session: { sessionId: 'session-stored', confirmed: 41 } },
    ])
  })

  it.each(fatal)('%s (%s) the shard stops and says what to do', (code, _, __, advice) => {
    const shard = connectedShard().feed(closed(code))
    expect(shard.state.kind).toBe('fatal')
    expect(shard.all('fatal')[0]?.why).toContain(String(code))
    expect(shard.all('fatal')[0]?.why).toMatch(advice)
    expect(shard.all('setTimer')).toHaveLength(0)
  })

  it.each([4004, 4010, 4011, 4013])(
    '%s is corrected in the configuration, which needs no restart',
    (code) => {
      const why = connectedShard().feed(closed(code)).all('fatal')[0]?.why
      expect(why).toMatch(/a changed configuration file is taken over while the gateway runs/)
      expect(why).not.toMatch(/and restart|\n/)
    },
  )

  it('4014 is corrected in the portal, of which the gateway is told with SIGHUP', () => {
    const why = connectedShard().feed(closed(4014)).all('fatal')[0]?.why
    expect(why).toMatch(/developer portal .*, then send the gateway SIGHUP$/)
  })

  it.each(fatal)('%s (%s) before hello is as final', (code) => {
    expect(new ShardRun().feed(start).feed(closed(code)).state.kind).toBe('locating')
    expect(connectedShard().feed(closed(1006), timer('reconnect'), opened, closed(code)).state.kind).toBe(
      'fatal',
    )
  })

  it('no code has a rule that the tables here do not have', () => {
    const tested: readonly (number | undefined)[] = [...DOCUMENTED, ...UNDOCUMENTED].map(([code]) => code)
    expect(KNOWN_CLOSE_CODES.filter((code) => !tested.includes(code))).toEqual([])
  })

  it('every code that is documented has a rule of its own', () => {
    expect(DOCUMENTED.filter(([code]) => !KNOWN_CLOSE_CODES.includes(code))).toEqual([])
  })

  it('every fatal row gives advice, and no other stops', () => {
    for (const code of KNOWN_CLOSE_CODES) {
      const rule = closeRule(code)
      if (rule.action === 'fatal') expect(rule.advice.length).toBeGreaterThan(20)
      else expect(connectedShard().feed(closed(code)).state.kind).toBe('backingOff')
    }
  })
})
