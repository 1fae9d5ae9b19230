import { describe, expect, it } from 'vitest'
import { identifyOf, setStage } from './stage.ts'

async function withMessage() {
  const stage = await setStage()
  const { simulator, discordChannel: channel } = stage
  const { id: message } = simulator.discord.say({ channel, user: '42', text: 'look' }).message
  const react = (user: string, emoji = '👋') => simulator.discord.react({ channel, user, message, emoji })
  const read = async () => (await stage.discord('GET', `/channels/${channel}/messages/${message}`)).json()
  return { ...stage, channel, message, react, read }
}

describe('a reaction on Discord', () => {
  it('of a person reaches bots with the member and the author of the message', async () => {
    const { ready, react, channel, message, simulator } = await withMessage()
    const { wire } = await ready()
    const person = simulator.discord.directory.users[0]
    react(person?.id ?? '')
    const { d } = await wire.next({ t: 'MESSAGE_REACTION_ADD' })
    expect(d).toMatchObject({
      user_id: person?.id,
      channel_id: channel,
      message_id: message,
      guild_id: simulator.discord.directory.guilds[0]?.id,
      message_author_id: '42',
      member: { user: { id: person?.id, username: 'mara' } },
      emoji: { id: null, name: '👋' },
      burst: false,
      type: 0,
    })
  })

  it('is not told to a bot that did not ask for reactions', async () => {
    const { ready, react, discordBot } = await withMessage()
    await ready({ ...identifyOf(discordBot.token), intents: 1 | (1 << 9) })
    expect(react('43').map(({ bot }) => bot)).not.toContain(discordBot.userId)
  })

  it('stands below the message, counted with those of others, people’s and bots’', async () => {
    const { react, read, discord, channel, message } = await withMessage()
    react('42')
    react('42', '🦦')
    react('43')
    const path = `/channels/${channel}/messages/${message}/reactions/${encodeURIComponent('👋')}/@me`
    await discord('PUT', path)
    await discord('PUT', path)
    expect(await read()).toMatchObject({
      reactions: [
        { emoji: { name: '👋' }, count: 3 },
        { emoji: { name: '🦦' }, count: 1 },
      ],
    })
  })

  it('is recorded with its name and its message', async () => {
    const { react, discord, channel, message, simulator } = await withMessage()
    react('43')
    await discord('PUT', `/channels/${channel}/messages/${message}/reactions/${encodeURIComponent('🦦')}/@me`)
    const events = simulator.record.of('event').filter(({ type }) => type === 'MESSAGE_REACTION_ADD')
    expect(events).toMatchObject([
      { user: '43', name: '👋', message },
      { name: '🦦', message },
    ])
    expect(simulator.record.of('post')).toMatchObject([{ outcome: 'reacted', name: '🦦', id: message }])
  })

  it('is refused twice from the same person, and for what is no emoji', async () => {
    const { react } = await withMessage()
    react('42')
    expect(() => react('42')).toThrow(/^42 has already reacted to \d+ with 👋$/)
    expect(() => react('42', 'wave')).toThrow(/^"wave" is no emoji: give the character itself/)
  })
})
