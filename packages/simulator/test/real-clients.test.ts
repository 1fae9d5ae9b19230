import { REST } from '@discordjs/rest'
import { LogLevel, WebClient } from '@slack/web-api'
import { afterEach, describe, expect, it } from 'vitest'
import { createSimulator, type Simulator } from '../src/index.ts'
import { first } from './stage.ts'

// The published clients, on the real clock: what they accept and expect is not ours to interpret.
const simulators: Simulator[] = []
afterEach(async () => {
  await Promise.all(simulators.splice(0).map((simulator) => simulator.stop()))
})

async function start(limits: 'strict' | 'demo' = 'demo') {
  const simulator = createSimulator({ limits })
  simulators.push(simulator)
  return { simulator, at: await simulator.start() }
}

describe('@slack/web-api', () => {
  async function client(retries = 0) {
    const { simulator, at } = await start()
    const bot = first(at.slack.bots)
    const options = { slackApiUrl: at.slackApiUrl, retryConfig: { retries }, logLevel: LogLevel.ERROR }
    return { simulator, bot, web: new WebClient(bot.token, options), channel: first(at.slack.channels).id }
  }

  it('knows itself, posts a reply with metadata and finds it again', async () => {
    const { web, bot, channel, simulator } = await client()
    expect(await web.auth.test()).toMatchObject({ user_id: bot.userId })
    const { ts: thread_ts } = simulator.slack.say({ channel, user: 'U1', text: 'question' })
    const metadata = { event_type: 'holdfast_step', event_payload: { key: 'job-1:reply' } }
    const posted = await web.chat.postMessage({ channel, text: 'answer', thread_ts, metadata })
    const { messages } = await web.conversations.replies({
      channel,
      ts: thread_ts,
      include_all_metadata: true,
    })
    expect(messages?.at(-1)).toMatchObject({ ts: posted.ts, text: 'answer', metadata, bot_id: bot.botId })
  })

  it('pages through history with its own iterator', async () => {
    const { web, channel, simulator } = await client()
    for (let n = 0; n < 5; n++) simulator.slack.say({ channel, user: 'U1', text: String(n) })
    const texts: (string | undefined)[] = []
    for await (const page of web.paginate('conversations.history', { channel, limit: 2 })) {
      const { messages } = page as { messages?: { text?: string }[] }
      texts.push(...(messages ?? []).map(({ text }) => text))
    }
    expect(texts).toEqual(['4', '3', '2', '1', '0'])
  })

  it('fails on a wrong token with the error it knows', async () => {
    const { web } = await client()
    await expect(web.auth.test({ token: 'xoxb-wrong' })).rejects.toMatchObject({
      data: { error: 'invalid_auth' },
    })
  })

  it('waits and tries again after a 429', async () => {
    const { web, simulator } = await client(1)
    simulator.fault({ fault: 'fail-requests', platform: 'slack', status: 429, retryAfterS: 1 })
    expect(await web.auth.test()).toMatchObject({ ok: true })
    expect(simulator.record.of('refusal')).toMatchObject([{ status: 429 }])
  })

  it('with its retries posts twice when an answer is lost: the hole that steps must close', async () => {
    const { web, channel, simulator } = await client(1)
    simulator.fault({ fault: 'lose-answer', platform: 'slack' })
    await web.chat.postMessage({ channel, text: 'once?' })
    expect(simulator.record.of('post')).toHaveLength(2)
  })
})

describe('@discordjs/rest', () => {
  async function client() {
    const { simulator, at } = await start()
    const bot = first(at.discord.bots)
    const api = at.discordApiUrl.replace('/v10', '')
    const rest = new REST({ version: '10', api, retries: 2 }).setToken(bot.token)
    return { simulator, bot, rest, path: `/channels/${first(at.discord.channels).id}/messages` as const }
  }

  it('knows itself and reads the gateway', async () => {
    const { rest, bot } = await client()
    expect(await rest.get('/users/@me')).toMatchObject({ id: bot.userId })
    expect(await rest.get('/gateway/bot')).toMatchObject({ session_start_limit: { remaining: 1_000 } })
  })

  it('posts once although its first answer is lost, thanks to the nonce', async () => {
    const { rest, path, simulator } = await client()
    simulator.fault({ fault: 'lose-answer', platform: 'discord' })
    const body = { content: 'once', nonce: 'job-1', enforce_nonce: true }
    const post = () => rest.post(path, { body })
    const message = await post().catch(post)
    expect(message).toMatchObject({ content: 'once' })
    const outcomes = simulator.record.of('post').map(({ outcome }) => outcome)
    expect(outcomes).toEqual(['created', 'from-nonce'])
    expect(await rest.get(path)).toHaveLength(1)
  })

  it('reads history after an id', async () => {
    const { rest, path, simulator } = await client()
    const { channels } = simulator.discord.directory
    const say = (text: string) =>
      simulator.discord.say({ channel: first(channels).id, user: '42', text }).message.id
    const ids = ['a', 'b', 'c'].map(say)
    const query = new URLSearchParams({ after: first(ids), limit: '100' })
    expect(await rest.get(path, { query })).toMatchObject([{ content: 'c' }, { content: 'b' }])
  })

  it('starts a thread, posts in it and reacts, as its own users read it', async () => {
    const { rest, path, simulator } = await client()
    const { channels } = simulator.discord.directory
    const channel = first(channels).id
    const { id } = simulator.discord.say({ channel, user: '42', text: 'question' }).message
    await rest.put(`${path}/${id}/reactions/${encodeURIComponent('👋')}/@me`)
    const thread = (await rest.post(`${path}/${id}/threads`, { body: { name: 'tides' } })) as { id: string }
    await rest.post(`/channels/${thread.id}/messages`, { body: { content: 'answer' } })
    expect(await rest.get(`/channels/${thread.id}/messages`)).toMatchObject([{ content: 'answer' }])
    expect(await rest.get(`${path}/${id}`)).toMatchObject({ thread, reactions: [{ count: 1 }] })
  })

  it('registers commands', async () => {
    const { rest, bot } = await client()
    const path = `/applications/${bot.applicationId}/commands` as const
    const body = [{ name: 'tide', description: 'When the tide turns' }]
    expect(await rest.put(path, { body })).toMatchObject(body)
    expect(await rest.get(path)).toMatchObject(body)
  })

  it('waits out a rate limit it is told of', async () => {
    const { rest, simulator } = await client()
    simulator.fault({ fault: 'fail-requests', platform: 'discord', status: 429, retryAfterS: 1 })
    expect(await rest.get('/users/@me')).toMatchObject({ bot: true })
  })
})
