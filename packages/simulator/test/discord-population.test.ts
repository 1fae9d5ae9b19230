import { describe, expect, it } from 'vitest'
import { makeDiscordPopulation } from '../src/index.ts'
import { identifyOf, setStage } from './stage.ts'
import type { Frame } from './wire.ts'

describe('a large Discord', () => {
  it('floods each of 16 shards with its own guilds, in buckets that identify at once', async () => {
    const guildCount = 4_000
    const population = makeDiscordPopulation({ bots: 1, guilds: guildCount, channels: 1 })
    const limits = { maxConcurrency: 16, recommendedShardCount: 16 }
    const { hello, discordBot, discord } = await setStage({ discord: { population, limits } })
    expect(await (await discord('GET', '/gateway/bot')).json()).toMatchObject({
      shards: 16,
      session_start_limit: { max_concurrency: 16 },
    })
    const shards = await Promise.all(
      Array.from({ length: 16 }, async (_, id) => {
        const wire = await hello()
        wire.send({ op: 2, d: { ...identifyOf(discordBot.token), shard: [id, 16] } })
        const { d } = await wire.next({ t: 'READY' })
        const unavailable = (d as { guilds: Frame[] }).guilds
        for (const _guild of unavailable) await wire.next({ t: 'GUILD_CREATE' })
        return unavailable
      }),
    )
    expect(shards.every((guilds) => guilds.every(({ unavailable }) => unavailable === true))).toBe(true)
    expect(new Set(shards.flat().map(({ id }) => id)).size).toBe(guildCount)
    expect(shards.map((guilds) => guilds.length)).toEqual(Array(16).fill(guildCount / 16))
  })

  it('refuses a number of shards that is no multiple of what a very large bot was given', async () => {
    const { hello, discordBot } = await setStage({ discord: { limits: { shardMultiple: 16 } } })
    const wire = await hello()
    wire.send({ op: 2, d: { ...identifyOf(discordBot.token), shard: [0, 24] } })
    expect(await wire.closed).toBe(4010)
    const again = await hello()
    again.send({ op: 2, d: { ...identifyOf(discordBot.token), shard: [1, 32] } })
    // The same bucket, within 5 s.
    expect(await again.next()).toMatchObject({ op: 9 })
  })

  it('writes the text of a dispatch once, however many sessions get it', async () => {
    const { ready, at, simulator, discordChannel, clock } = await setStage()
    const one = await ready()
    clock.advance(5_000)
    const two = await ready()
    const three = await ready({ token: at.discord.bots[1]?.token })
    const stringify = JSON.stringify
    let messages = 0
    JSON.stringify = ((...args: Parameters<typeof stringify>) => {
      if (args[0]?.content === 'to three') messages += 1
      return stringify(...args)
    }) as typeof stringify
    simulator.discord.say({ channel: discordChannel, user: '42', text: 'to three' })
    JSON.stringify = stringify
    for (const { wire } of [one, two, three]) await wire.next({ t: 'MESSAGE_CREATE' })
    expect(messages).toBe(1)
  })
})
