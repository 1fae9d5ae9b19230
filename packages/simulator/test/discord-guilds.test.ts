import { describe, expect, it } from 'vitest'
import { makeDiscordPopulation } from '../src/index.ts'
import { setStage } from './stage.ts'
import type { Frame } from './wire.ts'

/** Three guilds; the second is the second bot's alone. */
async function withGuilds() {
  const population = makeDiscordPopulation({ guilds: 3 })
  const [, other = { id: '' }] = population.bots
  const guilds = population.guilds.map((guild, index) =>
    index === 1 ? { ...guild, bots: [other.id] } : guild,
  )
  const stage = await setStage({ discord: { population: { ...population, guilds } } })
  const ask = async (path: string) => {
    const response = await stage.discord('GET', path)
    return { status: response.status, body: (await response.json()) as Frame & Frame[] }
  }
  const [own = '', foreign = '', last = ''] = guilds.map(({ id }) => id)
  return { ...stage, ask, own, foreign, last }
}

describe('Discord REST: the guilds of a bot', () => {
  it('are those that it is in, in pages', async () => {
    const { ask, own, last } = await withGuilds()
    const idsOf = async (query: string) =>
      (await ask(`/users/@me/guilds${query}`)).body.map(({ id }: Frame) => id)
    expect(await idsOf('')).toEqual([own, last])
    expect(await idsOf('?limit=1')).toEqual([own])
    expect(await idsOf(`?after=${own}`)).toEqual([last])
    expect(await idsOf(`?before=${last}&limit=1`)).toEqual([own])
    expect((await ask('/users/@me/guilds?limit=201')).status).toBe(400)
  })

  it('have channels that name the last message written there, deleted or not', async () => {
    const { ask, own, simulator, discord } = await withGuilds()
    const { body: before } = await ask(`/guilds/${own}/channels`)
    expect(before).toHaveLength(2)
    expect(before).toMatchObject([{ last_message_id: null }, { last_message_id: null }])
    const channel = String(before[0]?.id)
    const { message } = simulator.discord.say({ channel, user: '42', text: 'low tide' })
    const posted = (await (
      await discord('POST', `/channels/${channel}/messages`, { content: 'thanks' })
    ).json()) as Frame
    const last = async () => (await ask(`/guilds/${own}/channels`)).body[0]?.last_message_id
    expect(await last()).toBe(posted.id)
    await discord('DELETE', `/channels/${channel}/messages/${posted.id}`)
    expect(await last()).toBe(posted.id)
    expect(message.id).not.toBe(posted.id)
  })

  it('have active threads, the newest first, apart from the channels', async () => {
    const { ask, own, simulator, discordChannel: channel } = await withGuilds()
    const threads = ['ebb', 'flood'].map((name) => {
      const { message } = simulator.discord.say({ channel, user: '42', text: name })
      simulator.discord.startThread({ channel, user: '42', message: message.id, name })
      return message.id
    })
    const { message } = simulator.discord.say({ channel: threads[0] ?? '', user: '42', text: 'at six' })
    expect((await ask(`/guilds/${own}/threads/active`)).body).toMatchObject({
      threads: [
        { id: threads[1], last_message_id: null },
        { id: threads[0], last_message_id: message.id },
      ],
      members: [],
    })
    expect((await ask(`/guilds/${own}/channels`)).body).toHaveLength(2)
  })

  it('are shown to nobody else', async () => {
    const { ask, foreign } = await withGuilds()
    for (const what of ['channels', 'threads/active']) {
      expect(await ask(`/guilds/${foreign}/${what}`)).toMatchObject({ status: 403, body: { code: 50_001 } })
      expect(await ask(`/guilds/77/${what}`)).toMatchObject({ status: 404, body: { code: 10_004 } })
    }
  })

  it('count to the limits of their own routes', async () => {
    const { discord, own, last } = await withGuilds()
    const list = (guild: string) => discord('GET', `/guilds/${guild}/channels`)
    for (let n = 0; n < 5; n++) expect((await list(own)).status).toBe(200)
    expect((await list(own)).status).toBe(429)
    expect((await list(last)).status).toBe(200)
  })
})
