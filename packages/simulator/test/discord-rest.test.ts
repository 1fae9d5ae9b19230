import { describe, expect, it } from 'vitest'
import { makeDiscordPopulation } from '../src/index.ts'
import { setStage } from './stage.ts'
import type { Frame } from './wire.ts'

const bodyOf = async (response: Response | Promise<Response>) => (await (await response).json()) as Frame

async function withChannel(limits = {}) {
  const stage = await setStage({
    discord: { limits: { restPerRoute: { count: 100, perMs: 1_000 }, ...limits } },
  })
  const path = `/channels/${stage.discordChannel}/messages`
  const create = (body: Frame) => stage.discord('POST', path, body)
  const list = async (query = '') => (await (await stage.discord('GET', `${path}${query}`)).json()) as Frame[]
  return { ...stage, path, create, list }
}

describe('Discord REST: identity', () => {
  it('answers a wrong token with 401', async () => {
    const response = await (await setStage()).discord('GET', '/users/@me', undefined, 'wrong')
    expect(response.status).toBe(401)
    expect(await response.json()).toEqual({ message: '401: Unauthorized', code: 0 })
  })

  it('tells the gateway, the bot and its application, whose ids differ', async () => {
    const { discord, at, discordBot } = await setStage()
    const url = `${at.url.replace('http', 'ws')}/discord/gateway`
    expect(await (await fetch(`${at.discordApiUrl}/gateway`)).json()).toEqual({ url })
    expect(await bodyOf(discord('GET', '/gateway/bot'))).toMatchObject({ url, shards: 1 })
    expect(await bodyOf(discord('GET', '/users/@me'))).toMatchObject({ id: discordBot.userId, bot: true })
    const application = { id: discordBot.applicationId }
    expect(await bodyOf(discord('GET', '/oauth2/applications/@me'))).toMatchObject(application)
    expect(discordBot.applicationId).not.toBe(discordBot.userId)
  })

  it('says that it answers JSON in the words of Discord, which name no charset', async () => {
    const { discord } = await setStage()
    for (const path of ['/users/@me', '/nowhere', '/channels/1/messages'])
      expect((await discord('GET', path)).headers.get('content-type')).toBe('application/json')
  })

  it('answers a route it does not have with 404', async () => {
    const response = await (await setStage()).discord('GET', '/nowhere')
    expect(response.status).toBe(404)
    expect(await response.json()).toMatchObject({ code: 0 })
  })
})

describe('Discord REST: messages', () => {
  it('creates a message, records it and shows it to sessions', async () => {
    const { create, ready, discordBot, simulator } = await withChannel()
    const { wire } = await ready()
    const message = await bodyOf(create({ content: 'hi', nonce: 'n-1' }))
    expect(message).toMatchObject({
      content: 'hi',
      nonce: 'n-1',
      author: { id: discordBot.userId, bot: true },
    })
    expect(await wire.next({ t: 'MESSAGE_CREATE' })).toMatchObject({ d: { id: message.id, nonce: 'n-1' } })
    const post = { bot: discordBot.userId, id: message.id, nonce: 'n-1', outcome: 'created' }
    expect(simulator.record.of('post')).toMatchObject([post])
  })

  it('answers a repeated nonce with the message that is there, and creates none', async () => {
    const { create, list, simulator } = await withChannel()
    const one = await bodyOf(create({ content: 'hi', nonce: 'n-1', enforce_nonce: true }))
    const two = await bodyOf(create({ content: 'hi', nonce: 'n-1', enforce_nonce: true }))
    expect(two).toEqual(one)
    expect(await list()).toHaveLength(1)
    expect(simulator.record.of('post').map(({ outcome }) => outcome)).toEqual(['created', 'from-nonce'])
    expect(simulator.record.of('event')).toHaveLength(1)
  })

  it('creates another when the nonce is not enforced, is of another bot, or is too old', async () => {
    const { create, list, discord, path, at, clock } = await withChannel()
    const body = { content: 'hi', nonce: 'n-1', enforce_nonce: true }
    await create(body)
    await create({ content: 'hi', nonce: 'n-1' })
    await discord('POST', path, body, at.discord.bots[1]?.token)
    clock.advance(120_000)
    await create(body)
    expect(await list()).toHaveLength(4)
  })

  it.each([
    ['a nonce beyond 25 characters', { content: 'x', nonce: 'x'.repeat(26) }, 50_035],
    ['a content beyond 2000 characters', { content: 'x'.repeat(2_001) }, 50_035],
    ['nothing to say', { content: '' }, 50_006],
    ['a reply to an unknown message', { content: 'x', message_reference: { message_id: '1' } }, 50_035],
  ])('refuses %s with 400', async (_, body, code) => {
    const response = await (await withChannel()).create(body)
    expect(response.status).toBe(400)
    expect(await response.json()).toMatchObject({ code })
  })

  it('answers an unknown channel with 404, and one of a guild the bot is not in with 403', async () => {
    const { guilds, ...population } = makeDiscordPopulation()
    const closed = guilds.map((guild) => ({ ...guild, bots: [] }))
    const { discord, simulator, discordChannel } = await setStage({
      discord: { population: { ...population, guilds: closed } },
    })
    expect((await discord('POST', '/channels/1/messages', { content: 'x' })).status).toBe(404)
    expect((await discord('POST', `/channels/${discordChannel}/messages`, { content: 'x' })).status).toBe(403)
    const refusals = simulator.record.of('refusal').map(({ status, error }) => [status, error])
    expect(refusals).toEqual([
      [404, 'Unknown Channel'],
      [403, 'Missing Access'],
    ])
  })

  it('lists newest first: the last, those after an id, those before an id', async () => {
    const { simulator, list, discordChannel: channel } = await withChannel()
    const say = (text: string) => simulator.discord.say({ channel, user: '42', text }).message.id
    const ids = ['1', '2', '3', '4', '5'].map(say)
    const contents = async (query: string) => (await list(query)).map(({ content }) => content)
    expect(await contents('?limit=2')).toEqual(['5', '4'])
    expect(await contents(`?after=${ids[1]}&limit=2`)).toEqual(['4', '3'])
    expect(await contents(`?after=0`)).toEqual(['5', '4', '3', '2', '1'])
    expect(await contents(`?before=${ids[2]}`)).toEqual(['2', '1'])
    expect(await contents(`?around=${ids[2]}&limit=3`)).toEqual(['4', '3', '2'])
  })

  it('replies to a message of the channel', async () => {
    const { create, simulator, discordChannel: channel } = await withChannel()
    const { message } = simulator.discord.say({ channel, user: '42', text: 'question' })
    const reply = await bodyOf(create({ content: 'answer', message_reference: { message_id: message.id } }))
    expect(reply).toMatchObject({ type: 19, referenced_message: { id: message.id, content: 'question' } })
  })

  it('gets, edits, reacts to and deletes a message', async () => {
    const { create, discord, path, ready, list } = await withChannel()
    const { wire } = await ready()
    const { id } = await bodyOf(create({ content: 'before' }))
    expect(await bodyOf(discord('PATCH', `${path}/${id}`, { content: 'after' }))).toMatchObject({
      content: 'after',
    })
    expect(await wire.next({ t: 'MESSAGE_UPDATE' })).toMatchObject({ d: { id, content: 'after' } })
    expect(await bodyOf(discord('GET', `${path}/${id}`))).toMatchObject({ content: 'after' })
    const emoji = encodeURIComponent('👋')
    expect((await discord('PUT', `${path}/${id}/reactions/${emoji}/@me`)).status).toBe(204)
    expect(await wire.next({ t: 'MESSAGE_REACTION_ADD' })).toMatchObject({
      d: { message_id: id, emoji: { name: '👋' } },
    })
    expect((await discord('DELETE', `${path}/${id}`)).status).toBe(204)
    expect(await wire.next({ t: 'MESSAGE_DELETE' })).toMatchObject({ d: { id } })
    expect(await list()).toEqual([])
  })

  it("refuses to edit another's message with 403", async () => {
    const { discord, path, simulator, discordChannel: channel } = await withChannel()
    const { message } = simulator.discord.say({ channel, user: '42', text: 'x' })
    expect((await discord('PATCH', `${path}/${message.id}`, { content: 'y' })).status).toBe(403)
  })
})

describe('Discord REST: limits', () => {
  it('tells the state of the bucket on every answer, and 429 when it is empty', async () => {
    const { create, clock } = await withChannel({ restPerRoute: { count: 2, perMs: 5_000 } })
    const one = await create({ content: 'x' })
    expect(one.headers.get('x-ratelimit-limit')).toBe('2')
    expect(one.headers.get('x-ratelimit-remaining')).toBe('1')
    expect(one.headers.get('x-ratelimit-reset-after')).toBe('5.000')
    expect(one.headers.get('x-ratelimit-bucket')).toMatch(/^[0-9a-f]{32}$/)
    clock.advance(1_500)
    await create({ content: 'x' })
    const limited = await create({ content: 'x' })
    expect(limited.status).toBe(429)
    expect(limited.headers.get('retry-after')).toBe('4')
    expect(limited.headers.get('x-ratelimit-scope')).toBe('user')
    const body = { message: 'You are being rate limited.', retry_after: 3.5, global: false }
    expect(await limited.json()).toEqual(body)
    clock.advance(3_500)
    expect((await create({ content: 'x' })).status).toBe(200)
  })

  it('counts each channel on its own, and all of a bot to its global limit', async () => {
    const { discord, at } = await setStage({
      discord: {
        limits: { restPerRoute: { count: 1, perMs: 5_000 }, restGlobal: { count: 3, perMs: 1_000 } },
      },
    })
    const create = (index: number) =>
      discord('POST', `/channels/${at.discord.channels[index]?.id}/messages`, { content: 'x' })
    expect((await create(0)).status).toBe(200)
    expect((await create(1)).status).toBe(200)
    expect((await create(0)).headers.get('x-ratelimit-scope')).toBe('user')
    const global = await create(1)
    expect(global.headers.get('x-ratelimit-global')).toBe('true')
    expect(await global.json()).toMatchObject({ global: true })
  })
})
