import { createRequire } from 'node:module'
import { describe, expect } from 'vitest'
import { it, type RtmStage } from './slack/rtm-stage.ts'

const { version } = createRequire(import.meta.url)('@slack/rtm-api/package.json') as { version: string }

describe.concurrent(`@slack/rtm-api ${version}`, () => {
  describe('in conversation', () => {
    it('connects and knows itself', async ({ unstarted }) => {
      const { client, saw, botUser, fact } = await unstarted()
      expect(await client.start()).toMatchObject({ ok: true, self: { id: botUser } })
      await saw('ready')
      expect(await fact('ticket', ({ what }) => what === 'used')).toMatchObject({ bufferedCount: 0 })
    })

    it('hears messages in order, and reactions', async ({ ready }) => {
      const { simulator, say, heard, texts, saw, channel, user } = await ready()
      const ts = say('one')
      for (const text of ['two', 'three']) say(text)
      await heard('three')
      expect(texts()).toEqual(['before', 'one', 'two', 'three'])
      simulator.slack.react(channel, user, ts, 'wave')
      await saw('reaction_added')
    })

    it('hears what happened between rtm.connect and its socket', async ({ unstarted }) => {
      const { client, say, heard, fact } = await unstarted()
      client.once('authenticated', () => say('in between'))
      await client.start()
      await heard('in between')
      expect(await fact('ticket', ({ what }) => what === 'used')).toMatchObject({ bufferedCount: 1 })
    })

    it('sends messages one after the other, and is told the ts of each', async ({ ready }) => {
      const { client, channel, simulator } = await ready()
      const sent = await Promise.all(['a', 'b', 'c'].map((text) => client.sendMessage(text, channel)))
      const posts = simulator.record.of('post')
      expect(posts.map(({ text }) => text)).toEqual(['a', 'b', 'c'])
      expect(posts.map(({ id }) => id)).toEqual(sent.map(({ ts }) => ts))
      expect(posts[0]).toMatchObject({ method: 'rtm', outcome: 'created' })
    })

    it('rejects a message that Slack refuses, with its error', async ({ ready }) => {
      const { client, simulator } = await ready()
      await expect(client.sendMessage('to nobody', 'C404')).rejects.toMatchObject({
        data: { error: { msg: expect.any(String) } },
      })
      expect(simulator.record.of('post')).toEqual([])
    })

    it('hears of what the same bot sends on another socket', async ({ ready }) => {
      const { another, channel, heard, saw, client } = await ready()
      const second = another()
      await Promise.all([second.start(), new Promise((resolve) => second.once('ready', resolve))])
      await second.sendMessage('from the other', channel)
      await heard('from the other')
      await second.sendTyping(channel)
      await saw('user_typing')
      expect(client.connected).toBe(true)
    })

    it('keeps a quiet socket by pings that are answered', async ({ ready }) => {
      const { saw, simulator } = await ready({ clientPingTimeout: 100, serverPongTimeout: 90 })
      await saw('pong', 5)
      expect(opened(simulator)).toBe(1)
    })
  })

  describe('connects anew, and what was said meanwhile is lost', () => {
    it('after a drop without a close frame', async ({ ready }) => {
      const stage = await ready()
      stage.fault({ fault: 'drop-sockets' })
      await expectReconnected(stage)
    })

    it.for([1000, 1001, 1011])('after close %i', async (code, { ready }) => {
      const stage = await ready()
      stage.fault({ fault: 'close-sockets', code })
      await expectReconnected(stage)
    })

    it('after a migration', async ({ ready }) => {
      const stage = await ready()
      stage.fault({ fault: 'migrate', forMs: 1 })
      await stage.saw('team_migration_started')
      await expectReconnected(stage)
    })

    it('after a frame of more than 16 KB, for which Slack ends the socket', async ({ ready }) => {
      const stage = await ready()
      await stage.client.send('message', { text: 'x'.repeat(17_000), channel: stage.channel })
      expect(await stage.fact('socket', ({ what }) => what === 'closed')).toMatchObject({ code: 1009 })
      await expectReconnected(stage)
    })

    it('after an error frame in place of hello', async ({ unstarted }) => {
      const stage = await unstarted()
      stage.client.on('error', () => {})
      stage.fault({ fault: 'connect-error' })
      await stage.client.start()
      await stage.saw('error')
      await stage.saw('ready')
      expect(opened(stage.simulator)).toBe(1)
      expect(stage.simulator.record.of('ticket').filter(({ what }) => what === 'issued')).toHaveLength(2)
    })

    // It closes politely, and ws waits 30 s for the answer.
    it('after pings that nobody answers: the socket is half-open', async ({ ready }) => {
      const stage = await ready({ clientPingTimeout: 200, serverPongTimeout: 190 })
      stage.fault({ fault: 'half-open' })
      stage.say('into the void')
      await stage.saw('ready', 2)
      stage.say('after')
      await stage.heard('after')
      expect(stage.texts()).toEqual(['before', 'after'])
    })
  })

  describe('in trouble', () => {
    it('does nothing at goodbye, serves on, and connects anew when Slack closes', async ({ ready }) => {
      const stage = await ready()
      stage.fault({ fault: 'goodbye', forMs: 300 })
      await stage.saw('goodbye')
      stage.say('still here')
      await stage.heard('still here')
      expect(opened(stage.simulator)).toBe(1)
      await stage.fact('socket', ({ what }) => what === 'closed')
      await stage.saw('ready', 2)
      expect(opened(stage.simulator)).toBe(2)
    })

    it('waits for a hello that is slow', async ({ unstarted }) => {
      const { client, fault, saw, fact } = await unstarted()
      fault({ fault: 'slow-hello', forMs: 500 })
      await client.start()
      await fact('socket', ({ what }) => what === 'opened')
      expect(client.connected).toBe(false)
      await saw('ready')
    })

    it('lives with frames that are no JSON', async ({ ready }) => {
      const { say, heard, simulator, botUser } = await ready()
      for (const text of ['{"type":', 'hello', '']) simulator.slack.sendFrame(botUser, text)
      say('after')
      await heard('after')
      expect(opened(simulator)).toBe(1)
    })

    it('waits out a 429 of rtm.connect', async ({ ready }) => {
      const { fault, saw, fact } = await ready()
      fault({ fault: 'fail-requests', method: 'rtm.connect', status: 429, retryAfterS: 1 })
      fault({ fault: 'drop-sockets' })
      const refusal = await fact('refusal')
      expect(refusal).toMatchObject({ method: 'rtm.connect', status: 429, error: 'ratelimited' })
      await saw('ready', 2)
      const used = await fact('ticket', ({ what }) => what === 'used', 2)
      expect(used.n).toBeGreaterThan(refusal.n)
    })

    it('gives up on a token that is no more', async ({ ready }) => {
      const { fault, saw, botUser, fact } = await ready()
      fault({ fault: 'revoke-token', bot: botUser })
      expect(await saw('unable_to_rtm_start')).toMatchObject({
        text: expect.stringContaining('invalid_auth'),
      })
      await saw('disconnected')
      expect(await fact('refusal')).toMatchObject({ method: 'rtm.connect', error: 'invalid_auth' })
    })
  })
})

async function expectReconnected(stage: RtmStage) {
  stage.say('meanwhile')
  await stage.saw('ready', 2)
  stage.say('after')
  await stage.heard('after')
  expect(stage.texts()).toEqual(['before', 'after'])
  const [lost] = stage.simulator.record.of('event').filter(({ text }) => text === 'meanwhile')
  expect(lost?.deliveredTo.find(({ bot }) => bot === stage.botUser)).toMatchObject({
    sentCount: 0,
    bufferedCount: 0,
  })
  expect(opened(stage.simulator)).toBe(2)
}

function opened({ record }: RtmStage['simulator']): number {
  return record.of('socket').filter(({ what }) => what === 'opened').length
}
