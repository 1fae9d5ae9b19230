import { connect } from 'node:net'
import { describe, expect, it } from 'vitest'
import type { SimulatorOptions } from '../src/index.ts'
import { FeedReader } from './feed-reader.ts'
import { PlayedStage } from './played-stage.ts'
import { setStage } from './stage.ts'

// Longer than any of the feed's intervals.
const A_WHILE_MS = 250

async function withPage(options: SimulatorOptions = {}) {
  const stage = await setStage(options)
  const { simulator, slackChannel, discordChannel } = stage
  const open = () => new FeedReader(`${stage.at.url}/page/feed`)
  const page = open()
  const hello = await page.next('hello')
  const onSlack = (text: string) => simulator.slack.say({ channel: slackChannel, user: 'U1', text }).ts
  const onDiscord = (text: string) =>
    simulator.discord.say({ channel: discordChannel, user: '42', text }).message.id
  return { ...stage, open, page, hello, onSlack, onDiscord }
}

describe('page feed', () => {
  it('begins with who and what is there', async () => {
    const { hello, at, slackBot, slackChannel } = await withPage({ page: { title: 'a title' } })
    expect(hello).toMatchObject({ title: 'a title', messages: [], threads: [] })
    expect(hello).toMatchObject({ stream: { perSecond: 0, sentCount: 0 } })
    expect(hello).not.toHaveProperty('stage')
    const [slack, discord] = hello.platforms
    expect(slack).toMatchObject({ platform: 'slack', name: 'Kelp Forest 1', me: at.slack.users[0]?.id })
    expect(slack?.bot).toEqual({ id: slackBot.userId, name: 'otter', online: false })
    expect(slack?.channels[0]).toEqual({ id: slackChannel, name: 'general' })
    expect(slack?.commandsNote).toMatch(/never over RTM/)
    expect(discord).toMatchObject({ platform: 'discord', commands: [], me: at.discord.users[0]?.id })
  })

  it('tells what several changes made of a message, once', async () => {
    const { page, clock, simulator, discordChannel, onDiscord } = await withPage()
    const message = onDiscord('hello')
    simulator.discord.react({ channel: discordChannel, user: '42', message, emoji: '👋' })
    simulator.discord.react({ channel: discordChannel, user: '43', message, emoji: '👋' })
    onDiscord('again')
    clock.advance(A_WHILE_MS)
    expect(await page.next('chat')).toMatchObject([
      { what: 'message', message: { id: message, text: 'hello', reactions: [{ name: '👋', count: 2 }] } },
      { what: 'message', message: { text: 'again' } },
    ])
  })

  it('tells a page that comes later, or again, all that the others know', async () => {
    const { page, open, clock, onSlack, onDiscord } = await withPage()
    onSlack('one')
    onDiscord('two')
    clock.advance(A_WHILE_MS)
    await page.next('chat')
    page.leave()
    await page.ended
    onSlack('three')
    const { messages } = await open().next('hello')
    expect(messages.map(({ text }) => text)).toEqual(['one', 'three', 'two'])
  })

  it('gives each message to a page exactly once, in its hello or after it', async () => {
    const { open, clock, onSlack } = await withPage()
    onSlack('before')
    const late = open()
    const { messages } = await late.next('hello')
    onSlack('after')
    clock.advance(A_WHILE_MS)
    expect(messages.map(({ text }) => text)).toEqual(['before'])
    expect(await late.next('chat')).toMatchObject([{ message: { text: 'after' } }])
  })

  it('tells a page that opens meanwhile what still waits for an answer', async () => {
    const { open, simulator, discordBot, discordChannel: channel } = await withPage()
    const deed = { command: 'tide' }
    const { id } = simulator.discord.interact({ bot: discordBot.userId, channel, user: '42', deed })
    const late = open()
    await late.next('hello')
    expect(await late.next('chat')).toMatchObject([
      { what: 'interaction', interaction: { id, state: 'waiting' } },
    ])
  })

  it('tells many pages the same', async () => {
    const { page, open, clock, onSlack } = await withPage()
    const pages = [page, ...Array.from({ length: 20 }, open)]
    await Promise.all(pages.slice(1).map((other) => other.next('hello')))
    onSlack('to all')
    clock.advance(A_WHILE_MS)
    const changes = await Promise.all(pages.map((other) => other.next('chat')))
    expect(new Set(changes.map((change) => JSON.stringify(change))).size).toBe(1)
  })

  it('keeps the last 200 messages of each channel for a hello, and reads them whole', async () => {
    const { open, onSlack, onDiscord } = await withPage()
    onDiscord('x'.repeat(1_000))
    for (let n = 1; n <= 250; n++) onSlack(`line ${n}`)
    const { messages } = await open().next('hello')
    const texts = messages.map(({ text }) => text)
    expect(texts.filter((text) => text.startsWith('line'))).toHaveLength(200)
    expect(texts).toContain('line 51')
    expect(texts).toContain('x'.repeat(1_000))
  })

  it('costs nothing while nobody looks on', async () => {
    const { page, simulator, clock, onSlack } = await withPage()
    expect(clock.timerCount).toBeGreaterThan(0)
    page.leave()
    await page.ended
    await expect.poll(() => clock.timerCount).toBe(0)
    onSlack('unseen')
    expect(clock.timerCount).toBe(0)
    await simulator.stop()
  })

  it('ends its pages when the simulator stops', async () => {
    const { page, simulator } = await withPage()
    await simulator.stop()
    await page.ended
  })

  it('cuts off a page that does not read, and leaves the others alone', async () => {
    const { page, at, clock, onSlack } = await withPage()
    const { hostname, port } = new URL(at.url)
    const deaf = connect(Number(port), hostname)
    const cut = new Promise((resolve) => deaf.once('close', resolve))
    deaf.on('error', () => {})
    deaf.write(`GET /page/feed HTTP/1.1\r\nhost: ${hostname}:${port}\r\n\r\n`)
    await new Promise((resolve) => deaf.once('readable', resolve))
    for (let n = 0; n < 40; n++) {
      onSlack('x'.repeat(1024 * 1024))
      clock.advance(A_WHILE_MS)
      await page.next('chat')
    }
    deaf.resume()
    await cut
    onSlack('still here')
    clock.advance(A_WHILE_MS)
    expect(await page.next('chat')).toMatchObject([{ message: { text: 'still here' } }])
  })

  it('tells when the bot comes and goes', async () => {
    const { page, rtm } = await withPage()
    const wire = await rtm()
    expect(await page.next('presence')).toEqual({ platform: 'slack', online: true })
    wire.ws.close()
    expect(await page.next('presence')).toEqual({ platform: 'slack', online: false })
  })

  it('says hello anew when the bot has registered commands', async () => {
    const { page, clock, discord, discordBot } = await withPage()
    const commands = [{ name: 'tide', description: 'When the tide turns' }]
    await discord('PUT', `/applications/${discordBot.applicationId}/commands`, commands)
    clock.advance(A_WHILE_MS)
    const { platforms } = await page.next('hello')
    expect(platforms[1]?.commands).toEqual(commands)
  })
})

describe('page feed with a stage', () => {
  async function withStage() {
    const played = new PlayedStage()
    return { played, ...(await withPage({ page: { stage: played } })) }
  }

  it('begins with its links, actions, state and past', async () => {
    const { hello, played } = await withStage()
    const { links, actions } = played
    expect(hello.stage).toEqual({ links, actions, state: played.state(), ...played.history() })
  })

  it('tells its state when it has changed, and only then', async () => {
    const { page, played, clock } = await withStage()
    clock.advance(A_WHILE_MS)
    clock.advance(A_WHILE_MS)
    played.count()
    clock.advance(A_WHILE_MS)
    played.count()
    clock.advance(A_WHILE_MS)
    await page.next('stage')
    await page.next('stage')
    const states = page.told.flatMap((told) => (told.name === 'stage' ? [told.data.ledger.sent] : []))
    expect(states).toEqual([1, 2])
  })

  it('tells samples and marks as they come, while somebody looks on', async () => {
    const { page, played } = await withStage()
    played.tell({ what: 'sample', sample: { at: 2, delayMs: 7, depth: 3 } })
    played.tell({ what: 'mark', mark: { id: 2, at: 2, kind: 'gap', label: 'gap' } })
    expect(await page.next('samples')).toEqual([{ at: 2, delayMs: 7, depth: 3 }])
    expect(await page.next('mark')).toMatchObject({ id: 2, kind: 'gap' })
    page.leave()
    await expect.poll(() => played.watchers.size).toBe(0)
  })
})
