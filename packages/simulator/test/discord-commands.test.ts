import { describe, expect, it } from 'vitest'
import { makeDiscordPopulation } from '../src/index.ts'
import { setStage } from './stage.ts'
import type { Frame } from './wire.ts'

const TIDE = { name: 'tide', description: 'When the tide turns' }

async function withCommands() {
  const population = makeDiscordPopulation()
  const bots = population.bots.map((bot) => ({ ...bot, commands: [TIDE] }))
  const stage = await setStage({ discord: { population: { ...population, bots } } })
  const path = `/applications/${stage.discordBot.applicationId}/commands`
  const ask = async (method: string, body?: unknown) => {
    const response = await stage.discord(method, path, body)
    return { status: response.status, body: (await response.json()) as Frame & Frame[] }
  }
  return { ...stage, ask }
}

describe('slash commands', () => {
  it('are those of the population until the bot registers its own', async () => {
    const { ask, discordBot } = await withCommands()
    const before = (await ask('GET')).body
    expect(before).toMatchObject([{ ...TIDE, type: 1, application_id: discordBot.applicationId }])
    const report = { name: 'report', description: 'A report', options: [{ name: 'n', type: 4 }] }
    const { status, body } = await ask('PUT', [TIDE, report])
    expect(status).toBe(200)
    expect(body).toMatchObject([{ ...TIDE, id: before[0]?.id }, report])
    expect((await ask('GET')).body).toEqual(body)
    expect((await ask('PUT', [])).body).toEqual([])
  })

  it('are named by their id in the interactions that they make', async () => {
    const { ask, ready, simulator, discordBot, discordChannel: channel } = await withCommands()
    const { wire } = await ready()
    const [tide] = (await ask('GET')).body
    simulator.discord.interact({ bot: discordBot.userId, channel, user: '42', deed: { command: 'tide' } })
    expect(await wire.next({ t: 'INTERACTION_CREATE' })).toMatchObject({ d: { data: { id: tide?.id } } })
  })

  it.each([
    [{}],
    [[{ ...TIDE, name: 'Tide' }]],
    [[{ ...TIDE, name: 'a tide' }]],
    [[{ ...TIDE, description: '' }]],
    [[TIDE, TIDE]],
    [Array.from({ length: 101 }, (_, n) => ({ ...TIDE, name: `tide-${n}` }))],
  ])('are refused as a whole for %j', async (commands) => {
    const { ask } = await withCommands()
    expect(await ask('PUT', commands)).toMatchObject({ status: 400, body: { code: 50_035 } })
    expect((await ask('GET')).body).toHaveLength(1)
  })

  it('of another application are none of a bot’s business', async () => {
    const { discord, at } = await withCommands()
    const response = await discord('GET', `/applications/${at.discord.bots[1]?.applicationId}/commands`)
    expect(response.status).toBe(403)
  })
})
