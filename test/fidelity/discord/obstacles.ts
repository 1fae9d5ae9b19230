import zlib from 'node:zlib'
import { describe, expect } from 'vitest'
import { first } from '../stage.ts'
import { type DiscordStage, it } from './discord-stage.ts'
import type { Library } from './library.ts'

/** What stands in a bot's way without ending its session: refusals, limits, many shards. */
export function describeObstacles(library: Library): void {
  const { refusedResume, passesDuplicates, compressions } = library.habits

  describe('in trouble', () => {
    it(`${refusedResume} when the resume gateway refuses it once`, async ({ ready }) => {
      const stage = await ready(library)
      stage.fault({ fault: 'refuse-connects', target: 'resume', forMs: 3_600_000 })
      stage.fault({ fault: 'drop-sockets' })
      await stage.fact('socket', ({ what }) => what === 'refused')
      stage.fault({ fault: 'clear' })
      await (refusedResume === 'resumes' ? stage.told('resumed') : stage.told('ready', 2))
      const identifyCount = refusedResume === 'resumes' ? 1 : 2
      expect(stage.simulator.record.of('identify')).toHaveLength(identifyCount)
    })

    it('waits for a hello that is slow, and resumes', async ({ ready }) => {
      const { fault, say, told, heard, texts, simulator } = await ready(library)
      fault({ fault: 'slow-hello', forMs: 1_000 })
      fault({ fault: 'drop-sockets' })
      say('meanwhile')
      await told('resumed')
      await heard('meanwhile')
      expect(texts()).toEqual(['before', 'meanwhile'])
      expect(simulator.record.of('identify')).toHaveLength(1)
    })

    it('answers op 1 with a heartbeat at once', async ({ ready }) => {
      const stage = await ready(library, { limits: { heartbeatIntervalMs: 3_600_000 } })
      const before = stage.bot.told.all.filter(({ what }) => what === 'heartbeat').length
      stage.fault({ fault: 'request-heartbeat' })
      await stage.told('heartbeat', before + 1)
    })

    it('says it once, after a 429', async ({ ready }) => {
      const { bot, fault, fact, channel, simulator } = await ready(library)
      fault({
        fault: 'fail-requests',
        method: 'POST /channels/:channel/messages',
        status: 429,
        retryAfterS: 1,
      })
      await bot.say(channel, 'patience')
      const refusal = await fact('refusal')
      expect(refusal).toMatchObject({ status: 429 })
      expect((await fact('post')).n).toBeGreaterThan(refusal.n)
      expect(simulator.record.of('post')).toHaveLength(1)
    })

    it('keeps to the rate limit that the headers tell', async ({ ready }) => {
      const limits = { restPerRoute: { count: 2, perMs: 1_000 } }
      const { bot, channel, simulator } = await ready(library, { limits })
      for (const text of ['1', '2', '3', '4', '5']) await bot.say(channel, text)
      expect(simulator.record.of('post').map(({ text }) => text)).toEqual(['1', '2', '3', '4', '5'])
      expect(simulator.record.of('refusal')).toEqual([])
    })

    it(`${passesDuplicates ? 'passes on' : 'drops'} a message that comes twice`, async ({ ready }) => {
      const { fault, say, heard, texts } = await ready(library)
      fault({ fault: 'duplicate-event' })
      say('twice')
      say('after')
      await heard('after')
      const twice = passesDuplicates ? ['twice', 'twice'] : ['twice']
      expect(texts()).toEqual(['before', ...twice, 'after'])
    })

    it.for(compressions)('understands %s, over a resume too', async (compress, { ready, skip }) => {
      skip(
        compress === 'zstd-stream' && !('createZstdDecompress' in zlib),
        'this Node has no zstd: 22.15 has it',
      )
      await expectCompressed(await ready(library, { compress }))
    })
  })

  describe('with four shards', () => {
    it('identifies them by buckets, and each hears its own guild', { timeout: 60_000 }, async ({
      unstarted,
    }) => {
      const limits = { maxConcurrency: 2, recommendedShardCount: 4, identifyEveryMs: 400 }
      const stage = await unstarted(library, { guilds: 4, shardCount: 4, limits })
      await Promise.all([stage.bot.start(), stage.told('ready', 4)])
      const identifies = stage.simulator.record.of('identify')
      expect(identifies.map(({ outcome }) => outcome)).toEqual(['ready', 'ready', 'ready', 'ready'])
      expect(identifies.map(({ shard = [] }) => shard[0]).sort()).toEqual([0, 1, 2, 3])
      for (const { id, guildId } of stage.at.discord.channels) stage.say(`in ${guildId}`, id)
      for (const { guildId } of stage.at.discord.channels) await stage.heard(`in ${guildId}`)
      const heard = stage.bot.told.all.flatMap((note) => (note.what === 'message' ? [note] : []))
      for (const { text, shard } of heard)
        expect(text).toBe(`in ${guildOf(stage.at.discord.channels, shard)}`)
      expect(heard).toHaveLength(stage.at.discord.channels.length)
    })
  })
}

async function expectCompressed(stage: DiscordStage) {
  const long = 'fathoms below '.repeat(100)
  stage.say(long)
  await stage.heard(long)
  stage.fault({ fault: 'drop-sockets' })
  stage.say('meanwhile')
  await stage.told('resumed')
  stage.say('after')
  await stage.heard('after')
  expect(stage.texts()).toEqual(['before', long, 'meanwhile', 'after'])
}

function guildOf(channels: readonly { readonly guildId: string }[], shard: number): string {
  return first(channels.filter(({ guildId }) => Number((BigInt(guildId) >> 22n) % 4n) === shard)).guildId
}
