import { describe, expect } from 'vitest'
import { first } from '../stage.ts'
import { it } from './discord-stage.ts'
import { INTENTS, type Library } from './library.ts'

/** Connecting, hearing, answering: what works as long as nothing breaks. */
export function describeConversation(library: Library): void {
  describe('in conversation', () => {
    it('connects with one identify and is ready', async ({ unstarted }) => {
      const { bot, told, fact, simulator } = await unstarted(library)
      await Promise.all([bot.start(), told('ready')])
      expect(await fact('identify')).toMatchObject({ outcome: 'ready', intents: INTENTS, shard: [0, 1] })
      expect(first(simulator.discord.state()).presence).toBe('online')
      expect(simulator.record.of('refusal')).toEqual([])
    })

    it('hears messages in order, and reactions', async ({ ready }) => {
      const { say, heard, texts, told, simulator, channel, at } = await ready(library)
      const message = say('one')
      for (const text of ['two', 'three']) say(text)
      await heard('three')
      expect(texts()).toEqual(['before', 'one', 'two', 'three'])
      simulator.discord.react({ channel, user: first(at.discord.users).id, message, emoji: '👋' })
      expect(await told('reaction')).toMatchObject({ emoji: '👋' })
    })

    it('says and reacts over its REST', async ({ ready }) => {
      const { bot, say, fact, channel } = await ready(library)
      const message = say('hello')
      await bot.say(channel, 'hello yourself')
      expect(await fact('post')).toMatchObject({ outcome: 'created', text: 'hello yourself', channel })
      await bot.react(channel, message, '👋')
      expect(await fact('post', ({ outcome }) => outcome === 'reacted')).toMatchObject({ id: message })
    })

    it('answers a command in time', async ({ ready }) => {
      const { simulator, botId, channel, at, told, fact } = await ready(library)
      const user = first(at.discord.users).id
      simulator.discord.interact({ bot: botId, channel, user, deed: { command: 'tide' } })
      expect(await told('interaction')).toMatchObject({ name: 'tide' })
      expect(await fact('interaction', ({ state }) => state !== 'waiting')).toMatchObject({
        state: 'answered',
      })
      expect(await fact('post')).toMatchObject({ text: 'answer to tide' })
    })

    it('answers the press of a button that it has offered', async ({ ready }) => {
      const { bot, simulator, botId, channel, at, told, fact } = await ready(library)
      const messageId = await bot.offer(channel, 'shall we?', 'dive')
      const user = first(at.discord.users).id
      simulator.discord.interact({ bot: botId, channel, user, deed: { customId: 'dive', messageId } })
      expect(await told('interaction')).toMatchObject({ name: 'dive' })
      expect(await fact('interaction', ({ state }) => state !== 'waiting')).toMatchObject({
        state: 'answered',
        message: messageId,
      })
    })

    it('gets the members it asks for', async ({ ready }) => {
      const { bot, simulator, at } = await ready(library)
      const { users, bots } = at.discord
      expect(await bot.countMembers(first(simulator.discord.directory.guilds).id)).toBe(
        users.length + bots.length,
      )
    })

    it('ends its session when it is stopped, and is shown offline', async ({ ready }) => {
      const { bot, fact, simulator } = await ready(library)
      await bot.stop()
      expect(await fact('session-end')).toMatchObject({ why: 'closed with 1000 by the bot', lostCount: 0 })
      expect(first(simulator.discord.state()).presence).toBe('offline')
    })
  })
}
