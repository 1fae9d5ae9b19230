import { createRequire } from 'node:module'
import { describe, expect } from 'vitest'
import { it, type SocketModeStage } from './slack/socket-mode-stage.ts'
import { first } from './stage.ts'

const { version } = createRequire(import.meta.url)('@slack/socket-mode/package.json') as { version: string }

// Quick enough to wait for, in the order that Slack has; and slower than the client takes to come back.
const QUICK = { acknowledgeMs: 500, eventRetriesMs: [100, 200, 300] }
const LASTING = { acknowledgeMs: 500, eventRetriesMs: [500, 4_000, 8_000] }

describe.concurrent(`@slack/socket-mode ${version}`, () => {
  describe('in conversation', () => {
    it('connects with its app token', async ({ unstarted }) => {
      const { client, saw, openedCount } = await unstarted()
      expect(await client.start()).toMatchObject({ ok: true, url: expect.stringMatching(/^ws:/) })
      await saw('connected')
      expect(openedCount()).toBe(1)
    })

    it('hears messages in order, and reactions, and acknowledges each once', async ({ ready }) => {
      const { simulator, say, heard, texts, saw, channel, user, envelope } = await ready()
      const ts = say('one')
      for (const text of ['two', 'three']) say(text)
      await heard('three')
      simulator.slack.react(channel, user, ts, 'wave')
      await saw('reaction_added')
      expect(texts()).toEqual(['before', 'one', 'two', 'three'])
      await envelope('acknowledged', 5)
      const sent = simulator.record.of('envelope').filter(({ what }) => what === 'sent')
      expect(sent.map(({ attempt }) => attempt)).toEqual([0, 0, 0, 0, 0])
    })

    it('answers a slash command in its acknowledgement', async ({ ready }) => {
      const { simulator, botUser: bot, channel, user, answer, fact, saw } = await ready()
      answer({ text: 'high at noon', response_type: 'in_channel' })
      simulator.slack.useCommand({ bot, channel, user, command: '/tide', text: '' })
      expect(await saw('slash_commands')).toMatchObject({ text: '/tide' })
      expect(await fact('interaction', ({ state }) => state !== 'waiting')).toMatchObject({
        state: 'answered',
      })
      expect(await fact('post')).toMatchObject({ text: 'high at noon', channel })
    })

    it('with two sockets hears each message on one of them', async ({ ready }) => {
      const { another, say, heard, texts, simulator, envelope } = await ready()
      await another().start()
      const said = Array.from({ length: 10 }, (_, n) => `message ${n}`)
      for (const text of said) say(text)
      for (const text of said) await heard(text)
      await envelope('acknowledged', 11)
      expect(texts().sort()).toEqual(['before', ...said])
      const sent = simulator.record.of('envelope').filter(({ what }) => what === 'sent')
      expect(new Set(sent.map(({ socket }) => socket)).size).toBe(2)
    })

    it('leaves when it is told to', async ({ ready }) => {
      const { client, fact } = await ready()
      await client.disconnect()
      expect(await fact('socket', ({ what }) => what === 'closed')).toMatchObject({ by: 'bot' })
    })
  })

  describe('acknowledges', () => {
    it('and is given again what it does not, with the number of the attempt', async ({ ready }) => {
      const { say, heard, answer, envelope, emitted } = await ready(QUICK)
      answer('nothing')
      say('again')
      await heard('again', 2)
      answer({})
      await heard('again', 3)
      const { subject } = await envelope('acknowledged', 2)
      const deliveries = emitted.all.filter(({ text }) => text === 'again')
      expect(deliveries.map(({ attempt }) => attempt)).toEqual([0, 1, 2])
      expect(new Set(deliveries.map(({ event }) => event))).toEqual(new Set([subject]))
    })

    it('and is not given it for ever', async ({ ready }) => {
      const { say, answer, envelope, texts } = await ready(QUICK)
      answer('nothing')
      say('never')
      expect(await envelope('given-up')).toMatchObject({ attempt: 3 })
      expect(texts()).toEqual(['before', 'never', 'never', 'never', 'never'])
    })

    it('and is given again what it did, where Slack has lost it', async ({ ready }) => {
      const { say, heard, fault, envelope } = await ready(QUICK)
      fault({ fault: 'lose-acknowledgements' })
      say('lost')
      expect(await heard('lost', 2)).toMatchObject({ attempt: 1 })
      expect(await envelope('acknowledged', 2)).toMatchObject({ attempt: 1 })
    })
  })

  describe('connects anew, and is given what it missed', () => {
    it('after a drop without a close frame', async ({ ready }) => {
      const stage = await ready(LASTING)
      stage.fault({ fault: 'drop-sockets' })
      await expectReconnected(stage)
    })

    it.for([1000, 1011])('after close %i', async (code, { ready }) => {
      const stage = await ready(LASTING)
      stage.fault({ fault: 'close-sockets', code })
      await expectReconnected(stage)
    })

    it('after refresh_requested, for which it closes before it has another', async ({ ready }) => {
      const stage = await ready(LASTING)
      stage.fault({ fault: 'refresh' })
      const closed = await stage.fact('socket', ({ what }) => what === 'closed')
      expect(closed).toMatchObject({ by: 'bot' })
      await expectReconnected(stage)
      const opened = await stage.fact('socket', ({ what }) => what === 'opened', 2)
      expect(opened.n).toBeGreaterThan(closed.n)
    })

    it('after warning, which it takes for the end', async ({ ready }) => {
      const stage = await ready({ ...LASTING, socketModeLifeMs: 6_000, socketModeWarningMs: 5_000 })
      expect(await stage.fact('socket', ({ what }) => what === 'closed')).toMatchObject({ by: 'bot' })
      await expectReconnected(stage)
    })

    it('after pings that nobody answers: the socket is half-open', async ({ ready }) => {
      const stage = await ready(LASTING)
      stage.fault({ fault: 'half-open' })
      await expectReconnected(stage)
    })
  })

  describe('in trouble', () => {
    it('waits for a hello that is slow', async ({ unstarted }) => {
      const { client, fault, fact, emitted, saw } = await unstarted()
      fault({ fault: 'slow-hello', forMs: 500 })
      const started = client.start()
      await fact('socket', ({ what }) => what === 'opened')
      expect(emitted.all.map(({ name }) => name)).not.toContain('connected')
      await started
      await saw('connected')
    })

    it('tries again when it is one socket too many', async ({ ready }) => {
      const { fault, saw, say, heard } = await ready()
      fault({ fault: 'too-many-websockets' })
      fault({ fault: 'drop-sockets' })
      await saw('connected', 2)
      say('after')
      await heard('after')
    })

    it('tries until Socket Mode is on again', async ({ ready }) => {
      const { fault, saw, say, heard } = await ready()
      fault({ fault: 'link-disabled', forMs: 2_500 })
      await saw('reconnecting', 2)
      await saw('connected', 2)
      say('after')
      await heard('after')
    })

    it('waits out a 429 of apps.connections.open', async ({ ready }) => {
      const { fault, saw, fact } = await ready()
      fault({ fault: 'fail-requests', method: 'apps.connections.open', status: 429, retryAfterS: 1 })
      fault({ fault: 'drop-sockets' })
      const refusal = await fact('refusal')
      expect(refusal).toMatchObject({ method: 'apps.connections.open', status: 429 })
      await saw('connected', 2)
      expect((await fact('ticket', ({ what }) => what === 'used', 2)).n).toBeGreaterThan(refusal.n)
    })

    it('does not start with a wrong token', async ({ unstarted }) => {
      const { client, openedCount } = await unstarted({}, { appToken: 'xapp-wrong' })
      await expect(client.start()).rejects.toMatchObject({ data: { error: 'invalid_auth' } })
      expect(openedCount()).toBe(0)
    })

    it('passes on twice what comes twice', async ({ ready }) => {
      const { fault, say, heard } = await ready()
      fault({ fault: 'duplicate-event' })
      say('twice')
      await heard('twice', 2)
    })
  })
})

/** Slack keeps for a while what happens while no socket is open, and delivers it as a redelivery. */
async function expectReconnected(stage: SocketModeStage) {
  stage.say('meanwhile')
  await stage.saw('connected', 2)
  await stage.heard('meanwhile')
  stage.say('after')
  await stage.heard('after')
  expect(stage.texts().filter((text) => text === 'meanwhile')).toHaveLength(1)
  const { bot, sentCount } = first(first(stage.simulator.record.of('event').slice(-1)).deliveredTo)
  expect({ bot, sentCount }).toEqual({ bot: stage.botUser, sentCount: 1 })
}
