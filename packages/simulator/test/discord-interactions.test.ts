import { describe, expect, it } from 'vitest'
import { setStage } from './stage.ts'
import type { Frame } from './wire.ts'

/** A stage with an identified bot that was given a command. */
async function commanded() {
  const stage = await setStage()
  const { wire } = await stage.ready()
  const { discordBot, discordChannel: channel, simulator } = stage
  const asked = simulator.discord.interact({
    bot: discordBot.userId,
    channel,
    user: '42',
    deed: { command: 'report', options: [{ name: 'n', type: 4, value: 1 }] },
  })
  const { d } = await wire.next({ t: 'INTERACTION_CREATE' })
  const callback = (body: Frame) =>
    stage.discord('POST', `/interactions/${asked.id}/${asked.token}/callback`, body)
  const webhook = (method: string, path = '', body?: Frame) =>
    stage.discord(method, `/webhooks/${discordBot.applicationId}/${asked.token}${path}`, body)
  return { ...stage, wire, asked, d: d as Frame, callback, webhook, channel }
}

describe('Discord interactions', () => {
  it('arrive at the sessions of their application only, with a token', async () => {
    const { d, asked, discordBot, channel } = await commanded()
    expect(d).toMatchObject({
      id: asked.id,
      token: asked.token,
      application_id: discordBot.applicationId,
      type: 2,
      data: { name: 'report', options: [{ value: 1 }] },
      channel_id: channel,
      member: { user: { id: '42' } },
    })
    expect(asked.deliveredTo).toEqual([{ bot: discordBot.userId, sentCount: 1, bufferedCount: 0 }])
  })

  it('are answered once, with a message', async () => {
    const { callback, wire, simulator } = await commanded()
    expect((await callback({ type: 4, data: { content: 'done' } })).status).toBe(204)
    expect(await wire.next({ t: 'MESSAGE_CREATE' })).toMatchObject({ d: { content: 'done' } })
    expect(simulator.record.of('post')).toMatchObject([{ text: 'done', outcome: 'created' }])
    const again = await callback({ type: 4, data: { content: 'again' } })
    expect(again.status).toBe(400)
    expect(await again.json()).toMatchObject({ code: 40_060 })
  })

  it('can not be answered after 3 s', async () => {
    const { callback, clock } = await commanded()
    clock.advance(3_001)
    const late = await callback({ type: 5 })
    expect(late.status).toBe(404)
    expect(await late.json()).toMatchObject({ code: 10_062 })
  })

  it('are deferred and then filled in through @original', async () => {
    const { callback, webhook, wire } = await commanded()
    await callback({ type: 5 })
    expect((await webhook('GET', '/messages/@original')).status).toBe(404)
    expect(
      await (await webhook('PATCH', '/messages/@original', { content: 'at last' })).json(),
    ).toMatchObject({
      content: 'at last',
    })
    expect(await wire.next({ t: 'MESSAGE_CREATE' })).toMatchObject({ d: { content: 'at last' } })
    const edited = await webhook('PATCH', '/messages/@original', { content: 'better' })
    expect(await edited.json()).toMatchObject({ content: 'better' })
    expect(await wire.next({ t: 'MESSAGE_UPDATE' })).toMatchObject({ d: { content: 'better' } })
  })

  it('take follow-ups for 15 minutes after the first response, not before it', async () => {
    const { callback, webhook, clock } = await commanded()
    expect((await webhook('POST', '', { content: 'too early' })).status).toBe(404)
    await callback({ type: 4, data: { content: 'first' } })
    clock.advance(15 * 60_000)
    expect(await (await webhook('POST', '', { content: 'more' })).json()).toMatchObject({ content: 'more' })
    clock.advance(1)
    const late = await webhook('POST', '', { content: 'too late' })
    expect(late.status).toBe(401)
    expect(await late.json()).toMatchObject({ code: 50_027 })
  })

  it('answered ephemerally are shown to no session and stand in no history', async () => {
    const { callback, discord, channel, simulator } = await commanded()
    await callback({ type: 4, data: { content: 'psst', flags: 64 } })
    expect(await (await discord('GET', `/channels/${channel}/messages`)).json()).toEqual([])
    expect(simulator.record.of('event').map(({ type }) => type)).toEqual(['INTERACTION_CREATE'])
    expect(simulator.record.of('post')).toMatchObject([{ text: 'psst' }])
  })

  it('by a press on a component update the message pressed on', async () => {
    const { simulator, discord, discordBot, channel } = await commanded()
    const posted = await discord('POST', `/channels/${channel}/messages`, { content: 'press' })
    const { id: messageId } = (await posted.json()) as { id: string }
    const deed = { customId: 'go', messageId }
    const pressed = simulator.discord.interact({ bot: discordBot.userId, channel, user: '42', deed })
    const path = `/interactions/${pressed.id}/${pressed.token}/callback`
    expect((await discord('POST', path, { type: 7, data: { content: 'pressed' } })).status).toBe(204)
    const message = await discord('GET', `/channels/${channel}/messages/${messageId}`)
    expect(await message.json()).toMatchObject({ content: 'pressed' })
  })

  it('by a press on a component are answered with a message of their own, which is the original from then on', async () => {
    const { simulator, discord, discordBot, channel } = await commanded()
    const posted = await discord('POST', `/channels/${channel}/messages`, { content: 'press' })
    const { id: messageId } = (await posted.json()) as { id: string }
    const deed = { customId: 'go', messageId }
    const pressed = simulator.discord.interact({ bot: discordBot.userId, channel, user: '42', deed })
    const answer = { type: 4, data: { content: 'pressed' } }
    await discord('POST', `/interactions/${pressed.id}/${pressed.token}/callback`, answer)
    const webhook = `/webhooks/${discordBot.applicationId}/${pressed.token}`
    const original = await discord('GET', `${webhook}/messages/@original`)
    expect(await original.json()).toMatchObject({ content: 'pressed' })
  })

  it('are named by their answers, and a follow-up names the first of them', async () => {
    const { callback, webhook, asked } = await commanded()
    await callback({ type: 4, data: { content: 'first' } })
    const first = (await (await webhook('GET', '/messages/@original')).json()) as Frame
    expect(first.interaction_metadata).toEqual({ id: asked.id })
    const more = (await (await webhook('POST', '', { content: 'more' })).json()) as Frame
    expect(more.interaction_metadata).toEqual({ id: asked.id, original_response_message_id: first.id })
  })

  it('have limits of their own', async () => {
    const { simulator, discord, discordBot, channel } = await commanded()
    const command = { bot: discordBot.userId, channel, user: '42', deed: { command: 'report' } }
    for (let count = 0; count < 10; count += 1) {
      const { id, token } = simulator.discord.interact(command)
      const path = `/interactions/${id}/${token}/callback`
      expect((await discord('POST', path, { type: 4, data: { content: 'ok' } })).status).toBe(204)
    }
  })

  it('are recorded as waiting, then answered by the first response, be it a deferral', async () => {
    const { callback, simulator, asked, clock } = await commanded()
    const about = { id: asked.id, user: '42', what: '/report' }
    expect(simulator.record.of('interaction')).toMatchObject([{ ...about, state: 'waiting' }])
    await callback({ type: 5 })
    clock.advance(4_000)
    expect(simulator.record.of('interaction').map(({ state }) => state)).toEqual(['waiting', 'answered'])
  })

  it('are recorded as failed when nobody answered within 3 s', async () => {
    const { simulator, clock } = await commanded()
    clock.advance(3_000)
    expect(simulator.record.of('interaction')).toHaveLength(1)
    clock.advance(1)
    expect(simulator.record.of('interaction').at(-1)).toMatchObject({
      state: 'failed',
      askedAt: clock.wallAt() - 3_001,
    })
  })

  it('are named by all that responds to them', async () => {
    const { callback, webhook, simulator, asked } = await commanded()
    await callback({ type: 5 })
    await webhook('PATCH', '/messages/@original', { content: 'at last' })
    await webhook('PATCH', '/messages/@original', { content: 'better' })
    await webhook('POST', '', { content: 'more' })
    await webhook('DELETE', '/messages/@original')
    const posts = simulator.record.of('post')
    expect(posts.map(({ outcome }) => outcome)).toEqual(['created', 'edited', 'created', 'deleted'])
    expect(posts.map(({ interaction }) => interaction)).toEqual(Array(4).fill(asked.id))
  })

  it('by a press are recorded with the label of the button', async () => {
    const { simulator, discord, discordBot, channel } = await commanded()
    const button = { type: 2, style: 1, label: 'Show the tide', custom_id: 'tide' }
    const components = [{ type: 1, components: [button] }]
    const posted = await discord('POST', `/channels/${channel}/messages`, { content: 'press', components })
    const { id: messageId } = (await posted.json()) as { id: string }
    const deed = { customId: 'tide', messageId }
    simulator.discord.interact({ bot: discordBot.userId, channel, user: '42', deed })
    const pressed = { what: 'Show the tide', message: messageId, state: 'waiting' }
    expect(simulator.record.of('interaction').at(-1)).toMatchObject(pressed)
  })

  it('keep the reactions of the message that they change', async () => {
    const { callback, webhook, simulator, channel } = await commanded()
    await callback({ type: 4, data: { content: 'first' } })
    const { id: message } = (await (await webhook('GET', '/messages/@original')).json()) as { id: string }
    simulator.discord.react({ channel, user: '42', message, emoji: '👋' })
    const edited = await webhook('PATCH', '/messages/@original', { content: 'second' })
    expect(await edited.json()).toMatchObject({ content: 'second', reactions: [{ count: 1 }] })
  })

  it('answered ephemerally can be edited and deleted by their token', async () => {
    const { callback, webhook } = await commanded()
    await callback({ type: 4, data: { content: 'psst', flags: 64 } })
    const edited = await webhook('PATCH', '/messages/@original', { content: 'hush' })
    expect(await edited.json()).toMatchObject({ content: 'hush', flags: 64 })
    expect((await webhook('DELETE', '/messages/@original')).status).toBe(204)
    expect((await webhook('GET', '/messages/@original')).status).toBe(404)
  })

  it('injected as a raw dispatch can be answered like any other', async () => {
    const { simulator, discord, discordBot, channel } = await commanded()
    const ids = `"id":"77","token":"tok","application_id":"${discordBot.applicationId}"`
    const guild = simulator.discord.directory.guilds[0]?.id
    const d = `{${ids},"type":2,"channel_id":"${channel}","guild_id":"${guild}"}`
    simulator.discord.dispatch({ t: 'INTERACTION_CREATE', d, bot: discordBot.userId })
    const body = { type: 4, data: { content: 'ok' } }
    expect((await discord('POST', '/interactions/77/tok/callback', body)).status).toBe(204)
  })
})
