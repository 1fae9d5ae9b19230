import type { ShardCommand } from '@holdfast/protocol'
import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type CommandAnswer, ShardCommands } from '../../src/drivers/shard-commands.ts'

const HEARTBEAT_MS = 41_250
/** 120, less two heartbeats a minute, as many asked for, and two that open the connection. */
const FREE_COUNT = 114

let clock: ManualClock
let sent: { op: number; d: Record<string, unknown> }[]
let commands: ShardCommands

beforeEach(() => {
  clock = new ManualClock()
  sent = []
  commands = commandsWith(undefined)
  commands.opened()
  commands.go(HEARTBEAT_MS)
})

afterEach(() => {
  commands.end('the test is over')
  expect(clock.timerCount).toBe(0)
})

function commandsWith(status: 'dnd' | undefined): ShardCommands {
  const presence = status && ({ since: null, activities: [], status, afk: false } as never)
  return new ShardCommands({ clock, send: (text) => sent.push(JSON.parse(text)), presence })
}

const mute = (guild: number) => ({ op: 4, d: { guild_id: String(guild) } }) as unknown as ShardCommand
const presence = (name: string) =>
  ({
    op: 3,
    d: { since: null, activities: [{ name, type: 0 }], status: 'online', afk: false },
  }) as ShardCommand
const allMembers = (guild: string) => ({ op: 8, d: { guild_id: guild, query: '', limit: 0 } }) as ShardCommand

/** Offers a command and keeps its answer. */
function offer(command: ShardCommand): { answer?: CommandAnswer } {
  const kept: { answer?: CommandAnswer } = {}
  void commands.offer(command).then((answer) => {
    kept.answer = answer
  })
  return kept
}

const settle = () => new Promise(setImmediate)
const guilds = () => sent.map(({ d }) => Number(d.guild_id))

describe('commands of workers', () => {
  it('are sent at once and in order, up to what the socket allows beside its heartbeats', async () => {
    for (let guild = 0; guild < 130; guild++) offer(mute(guild))
    await settle()
    expect(guilds()).toEqual(Array.from({ length: FREE_COUNT }, (_, guild) => guild))
    clock.advance(60_999)
    expect(sent).toHaveLength(FREE_COUNT)
    clock.advance(1)
    expect(guilds()).toEqual(Array.from({ length: 130 }, (_, guild) => guild))
  })

  it('leave room for heartbeats, which never wait but count', async () => {
    for (let beat = 0; beat < 10; beat++) commands.count()
    for (let guild = 0; guild < 130; guild++) offer(mute(guild))
    await settle()
    expect(sent).toHaveLength(FREE_COUNT - 10)
  })

  it('leave more room where heartbeats come closer together', async () => {
    commands.go(5_000)
    for (let guild = 0; guild < 130; guild++) offer(mute(guild))
    await settle()
    expect(sent).toHaveLength(120 - 2 * 12 - 2)
  })

  it('of a hundred in a burst, a pause, and a hundred more, never more than 120 lie in a minute', async () => {
    const at: number[] = []
    commands = new ShardCommands({
      clock,
      presence: undefined,
      send: () => at.push(clock.monotonicMs()),
    })
    commands.go(HEARTBEAT_MS)
    for (let guild = 0; guild < 100; guild++) offer(mute(guild))
    await settle()
    clock.advance(59_000)
    for (let guild = 0; guild < 100; guild++) offer(mute(guild))
    await settle()
    clock.advance(120_000)
    expect(at).toHaveLength(200)
    for (const [index, when] of at.entries())
      expect(when - (at[index - 120] ?? -60_001)).toBeGreaterThan(60_000)
  })

  it('wait while the shard is not connected, and go in order when it is', async () => {
    commands.pause()
    const first = offer(mute(1))
    offer(mute(2))
    await settle()
    expect(first.answer).toBeUndefined()
    commands.opened()
    commands.go(HEARTBEAT_MS)
    await settle()
    expect(guilds()).toEqual([1, 2])
    expect(first.answer).toEqual({ kind: 'sent' })
  })

  it('that were sent on a socket that is gone are not sent again, and a new socket begins its own count', async () => {
    for (let guild = 0; guild < FREE_COUNT; guild++) offer(mute(guild))
    await settle()
    commands.pause()
    offer(mute(999))
    commands.opened()
    commands.go(HEARTBEAT_MS)
    await settle()
    expect(guilds().filter((guild) => guild === 0)).toHaveLength(1)
    expect(guilds().at(-1)).toBe(999)
  })

  it('are refused, with a reason, once a thousand wait', async () => {
    commands.pause()
    const kept = Array.from({ length: 1_001 }, (_, guild) => offer(mute(guild)))
    await settle()
    expect(kept[999]?.answer).toBeUndefined()
    expect(kept[1_000]?.answer).toMatchObject({ kind: 'refused', why: expect.stringContaining('1000') })
  })

  it('that Discord would close the connection for are refused and never sent', async () => {
    const long = offer({ op: 4, d: { guild_id: 'x'.repeat(5_000) } } as unknown as ShardCommand)
    await settle()
    expect(long.answer).toMatchObject({ kind: 'refused', why: expect.stringContaining('4096') })
    expect(sent).toEqual([])
  })

  it('are refused when the shard has ended, those that waited and those that come later', async () => {
    commands.pause()
    const waited = offer(mute(1))
    commands.end('told to stop')
    const late = offer(mute(2))
    await settle()
    for (const { answer } of [waited, late]) expect(answer).toEqual({ kind: 'refused', why: 'told to stop' })
  })
})

describe('presences', () => {
  it('are sent five times in 20 s; of those that wait only the newest remains', async () => {
    const kept = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => offer(presence(name)))
    await settle()
    expect(sent).toHaveLength(5)
    expect(kept[5]?.answer).toEqual({ kind: 'replaced' })
    clock.advance(21_000)
    expect(sent.map(({ d }) => (d.activities as { name: string }[])[0]?.name)).toEqual([
      'a',
      'b',
      'c',
      'd',
      'e',
      'g',
    ])
  })

  it('that wait do not hold up other commands', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e', 'f']) offer(presence(name))
    offer(mute(1))
    await settle()
    expect(sent.at(-1)?.op).toBe(4)
  })

  it('keep their rate over sockets', async () => {
    for (const name of ['a', 'b', 'c', 'd', 'e']) offer(presence(name))
    commands.opened()
    commands.go(HEARTBEAT_MS)
    offer(presence('f'))
    await settle()
    expect(sent).toHaveLength(5)
  })

  it('of the newest command go with the next identify', async () => {
    commands = commandsWith('dnd')
    expect(commands.shown).toMatchObject({ presence: { status: 'dnd' } })
    offer(presence('reef'))
    await settle()
    expect(commands.shown).toMatchObject({ presence: { activities: [{ name: 'reef' }] } })
  })

  it('of the configuration are told again after the first RESUMED, and only then', async () => {
    commands = commandsWith('dnd')
    commands.go(HEARTBEAT_MS)
    commands.resumed()
    commands.resumed()
    await settle()
    expect(sent).toMatchObject([{ op: 3, d: { status: 'dnd' } }])
  })

  it('that waited for the first RESUMED are told once, in place of the configured one', async () => {
    commands = commandsWith('dnd')
    const waited = offer(presence('reef'))
    commands.go(HEARTBEAT_MS)
    commands.resumed()
    await settle()
    expect(sent).toMatchObject([{ op: 3, d: { activities: [{ name: 'reef' }] } }])
    expect(waited.answer).toEqual({ kind: 'sent' })
  })

  it('of the configuration are not told again once they went with an identify', async () => {
    commands = commandsWith('dnd')
    commands.begun()
    commands.go(HEARTBEAT_MS)
    commands.resumed()
    await settle()
    expect(sent).toEqual([])
  })
})

describe('a request for all members of a guild', () => {
  it('is taken once in 30 s, and told how long to wait before', async () => {
    const [first, again, other] = [offer(allMembers('7')), offer(allMembers('7')), offer(allMembers('8'))]
    await settle()
    expect([first.answer, other.answer]).toEqual([{ kind: 'sent' }, { kind: 'sent' }])
    expect(again.answer).toMatchObject({ kind: 'refused', retryAfterMs: 31_000 })
    clock.advance(31_000)
    const later = offer(allMembers('7'))
    await settle()
    expect(later.answer).toEqual({ kind: 'sent' })
  })

  it('is refused while another waits to be sent', async () => {
    commands.pause()
    offer(allMembers('7'))
    const again = offer(allMembers('7'))
    await settle()
    expect(again.answer).toMatchObject({ kind: 'refused' })
  })
})
