import { describe, expect, it } from 'vitest'
import { makeDiscordPopulation } from '../src/index.ts'
import { identifyOf, setStage } from './stage.ts'
import type { Frame, Wire } from './wire.ts'

const presence = (name: string) => ({
  since: null,
  activities: [{ name, type: 0 }],
  status: 'dnd',
  afk: false,
})

/** Resolves when everything that the bot sent until now has been read: heartbeats are answered in order. */
async function heard(wire: Wire): Promise<void> {
  wire.send({ op: 1, d: null })
  await wire.next({ op: 11 })
}

describe('what a bot asks on the Discord gateway', () => {
  it('op 31 is answered with the sounds of each guild in which it is, and with no other', async () => {
    const population = makeDiscordPopulation({ guilds: 3, bots: 1 })
    const { ready } = await setStage({ discord: { population } })
    const { wire } = await ready()
    const [one, two] = population.guilds.map(({ id }) => id)
    wire.send({ op: 31, d: { guild_ids: [one, '7', two] } })
    for (const guild_id of [one, two]) {
      const { d } = await wire.next({ t: 'SOUNDBOARD_SOUNDS' })
      expect(d).toEqual({ soundboard_sounds: [], guild_id })
    }
  })

  it('op 43 is answered with the channels of the guild and the fields asked for', async () => {
    const { ready, at } = await setStage()
    const { wire } = await ready()
    const { guildId } = at.discord.channels[0] ?? {}
    wire.send({ op: 43, d: { guild_id: guildId, fields: ['status', 'moon'] } })
    const channels = at.discord.channels.map(({ id }) => ({ id, status: null }))
    expect((await wire.next({ t: 'CHANNEL_INFO' })).d).toEqual({ guild_id: guildId, channels })
  })

  it('op 4 and requests about strange guilds are taken in silence', async () => {
    const { ready } = await setStage()
    const { wire } = await ready()
    const before = wire.texts.length
    wire.send({ op: 4, d: { guild_id: '7', channel_id: null, self_mute: false, self_deaf: false } })
    wire.send({ op: 43, d: { guild_id: '7', fields: ['status'] } })
    wire.send({ op: 8, d: { guild_id: '7', query: '', limit: 0 } })
    await heard(wire)
    expect(wire.texts).toHaveLength(before + 1)
  })

  it.each([
    [3, { status: 'away', activities: [] }],
    [3, { status: 'dnd' }],
    [8, { query: '' }],
    [31, { guild_ids: '7' }],
    [43, { guild_id: '7' }],
  ])('op %i with %j is a decode error', async (op, d) => {
    const { ready } = await setStage()
    const { wire } = await ready()
    wire.send({ op, d })
    expect(await wire.closed).toBe(4002)
  })

  it.each([3, 4, 8, 31, 43])('op %i before identifying ends the socket with 4003', async (op) => {
    const { hello } = await setStage()
    const wire = await hello()
    wire.send({ op, d: {} })
    expect(await wire.closed).toBe(4003)
  })

  it('answers for a large guild in chunks of a thousand members', async () => {
    const population = makeDiscordPopulation({ bots: 1, users: 2_500 })
    const { ready, at } = await setStage({ discord: { population } })
    const { wire } = await ready()
    wire.send({ op: 8, d: { guild_id: at.discord.channels[0]?.guildId, query: '', limit: 0 } })
    const chunks = []
    for (let n = 0; n < 3; n++) chunks.push((await wire.next({ t: 'GUILD_MEMBERS_CHUNK' })).d as Frame)
    expect(chunks.map(({ chunk_index, members }) => [chunk_index, (members as unknown[]).length])).toEqual([
      [0, 1_000],
      [1, 1_000],
      [2, 501],
    ])
  })
})

describe('a request for some members', () => {
  async function ask(d: object) {
    const population = makeDiscordPopulation({ bots: 1, users: 1_500 })
    const { ready, at } = await setStage({ discord: { population } })
    const { wire } = await ready()
    const people = population.users.map(({ id }) => id)
    wire.send({ op: 8, d: { guild_id: at.discord.channels[0]?.guildId, ...d } })
    const chunk = (await wire.next({ t: 'GUILD_MEMBERS_CHUNK' })).d as { members: { user: { id: string } }[] }
    return { chunk, people, found: chunk.members.map(({ user }) => user.id) }
  }

  it('by ids names those that are not there', async () => {
    const [, second = ''] = makeDiscordPopulation({ users: 2 }).users.map(({ id }) => id)
    const { chunk, found } = await ask({ user_ids: [second, '7'] })
    expect(found).toEqual([second])
    expect(chunk).toMatchObject({ not_found: ['7'], chunk_count: 1 })
  })

  it('by ids or by a prefix is answered with a hundred at most', async () => {
    const { people } = await ask({ query: '', limit: 1 })
    const { found, chunk } = await ask({ user_ids: people.slice(0, 150) })
    expect(found).toEqual(people.slice(0, 100))
    expect(chunk).toMatchObject({ not_found: [] })
    expect((await ask({ query: 'mara', limit: 0 })).found).toHaveLength(100)
    expect((await ask({ query: '', limit: 120 })).found).toHaveLength(120)
  })
})

describe('presence', () => {
  it('is that of IDENTIFY, then of op 3, and outlives a resume', async () => {
    const { hello, discordBot, simulator } = await setStage()
    const wire = await hello()
    wire.send({ op: 2, d: { ...identifyOf(discordBot.token), presence: presence('tides') } })
    const { d } = await wire.next({ t: 'READY' })
    const { session_id, resume_gateway_url } = d as Frame
    expect(simulator.record.of('presence-update')).toMatchObject([{ status: 'dnd', activity: 'tides' }])
    wire.send({ op: 3, d: { ...presence('x'), status: 'idle', activities: [] } })
    await heard(wire)
    wire.ws.terminate()
    const again = await hello({ url: String(resume_gateway_url) })
    again.send({ op: 6, d: { token: discordBot.token, session_id, seq: 2 } })
    await again.next({ t: 'RESUMED' })
    expect(simulator.discord.state()[0]?.sessions).toMatchObject([{ status: 'idle' }])
    expect(simulator.record.of('presence-update')).toHaveLength(2)
  })

  it('changes five times in 20 s; what is more is ignored, and the socket goes on', async () => {
    const { ready, simulator, clock } = await setStage()
    const { wire } = await ready()
    for (let n = 1; n <= 6; n++) wire.send({ op: 3, d: presence(`game ${n}`) })
    await heard(wire)
    const told = () => simulator.record.of('presence-update').map(({ outcome }) => outcome)
    expect(told()).toEqual([...Array(5).fill('shown'), 'ignored'])
    clock.advance(20_000)
    wire.send({ op: 3, d: presence('at last') })
    await heard(wire)
    expect(told().at(-1)).toBe('shown')
  })
})

describe('late-heartbeat-acks', () => {
  it('holds acknowledgements back while dispatches go on', async () => {
    const { ready, simulator, clock, discordChannel } = await setStage()
    const { wire } = await ready()
    simulator.fault({ fault: 'late-heartbeat-acks', platform: 'discord', ms: 50_000, forMs: 60_000 })
    wire.send({ op: 1, d: 2 })
    const taken = new Promise((resolve) => wire.ws.once('pong', resolve))
    wire.ws.ping()
    await taken
    simulator.discord.say({ channel: discordChannel, user: '42', text: 'in time' })
    expect(await wire.next()).toMatchObject({ t: 'MESSAGE_CREATE' })
    clock.advance(50_000)
    expect(await wire.next()).toMatchObject({ op: 11 })
    clock.advance(10_000)
    wire.send({ op: 1, d: 3 })
    expect(await wire.next()).toMatchObject({ op: 11 })
  })
})
