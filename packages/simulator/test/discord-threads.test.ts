import { describe, expect, it } from 'vitest'
import { identifyOf, setStage } from './stage.ts'
import type { Frame } from './wire.ts'

/** A stage with an identified bot and a message of a person. */
async function withMessage() {
  const stage = await setStage()
  const { wire } = await stage.ready()
  const { simulator, discordChannel: channel } = stage
  const { id: message } = simulator.discord.say({ channel, user: '42', text: 'when is the tide?' }).message
  await wire.next({ t: 'MESSAGE_CREATE' })
  const start = (name = 'tides') => simulator.discord.startThread({ channel, user: '42', message, name })
  const ask = async (method: string, path: string, body?: unknown) => {
    const response = await stage.discord(method, path, body)
    return { status: response.status, body: (await response.json()) as Frame }
  }
  return { ...stage, wire, channel, message, start, ask }
}

describe('a Discord thread', () => {
  it('that a person starts has the id of its message, and is told of', async () => {
    const { wire, message, channel, start } = await withMessage()
    const { thread, deliveredTo } = start()
    expect(thread.id).toBe(message)
    expect(deliveredTo[0]).toMatchObject({ sentCount: 1 })
    const { d } = await wire.next({ t: 'THREAD_CREATE' })
    const about = { id: message, type: 11, parent_id: channel, owner_id: '42', name: 'tides' }
    expect(d).toMatchObject({ ...about, newly_created: true, thread_metadata: { archived: false } })
  })

  it('shows on the message that it began with, by flag and channel', async () => {
    const { wire, message, channel, start, ask } = await withMessage()
    start()
    const carrying = { id: message, flags: 32, thread: { id: message, type: 11 } }
    expect(await wire.next({ t: 'MESSAGE_UPDATE' })).toMatchObject({ d: carrying })
    expect((await ask('GET', `/channels/${channel}/messages/${message}`)).body).toMatchObject(carrying)
  })

  it('is spoken in, read and typed into as a channel is', async () => {
    const { wire, message: thread, channel, start, simulator, discord, ask } = await withMessage()
    start()
    simulator.discord.say({ channel: thread, user: '42', text: 'at six' })
    const create = await wire.next({ t: 'MESSAGE_CREATE' })
    const guild_id = simulator.discord.directory.guilds[0]?.id
    expect(create).toMatchObject({ d: { channel_id: thread, guild_id, content: 'at six' } })
    const posted = await ask('POST', `/channels/${thread}/messages`, { content: 'thanks' })
    expect(posted.body).toMatchObject({ channel_id: thread, content: 'thanks' })
    expect((await discord('POST', `/channels/${thread}/typing`)).status).toBe(204)
    const { body } = await ask('GET', `/channels/${thread}/messages`)
    expect(body).toMatchObject([{ content: 'thanks' }, { content: 'at six' }])
    expect((await ask('GET', `/channels/${thread}`)).body).toMatchObject({ type: 11, parent_id: channel })
    expect((await ask('GET', `/channels/${channel}/messages`)).body).toHaveLength(1)
  })

  it('is in the guild that a bot gets when it identifies', async () => {
    const { start, clock, hello, discordBot, message } = await withMessage()
    start()
    clock.advance(5_000)
    const wire = await hello()
    wire.send({ op: 2, d: identifyOf(discordBot.token) })
    expect(await wire.next({ t: 'GUILD_CREATE' })).toMatchObject({ d: { threads: [{ id: message }] } })
  })

  it('is started by a bot too, once per message', async () => {
    const { ask, wire, channel, message, discordBot } = await withMessage()
    const path = `/channels/${channel}/messages/${message}/threads`
    const started = await ask('POST', path, { name: 'tides' })
    expect(started).toMatchObject({ status: 201, body: { id: message, owner_id: discordBot.userId } })
    expect(await wire.next({ t: 'THREAD_CREATE' })).toMatchObject({ d: { id: message } })
    expect(await ask('POST', path, { name: 'again' })).toMatchObject({ status: 400, body: { code: 160_004 } })
    expect(await ask('POST', path, { name: '' })).toMatchObject({ status: 400, body: { code: 50_035 } })
  })

  it('can not be started twice, nor within a thread', async () => {
    const { start, simulator, message: thread } = await withMessage()
    expect(() => start('')).toThrow(/must have 1 to 100 characters$/)
    start()
    expect(() => start()).toThrow(/^no thread from \d+: it has one$/)
    const { message } = simulator.discord.say({ channel: thread, user: '42', text: 'x' })
    const within = { channel: thread, user: '42', message: message.id, name: 'deeper' }
    expect(() => simulator.discord.startThread(within)).toThrow(/is in a thread itself$/)
  })
})
