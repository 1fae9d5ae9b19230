import { beforeEach, describe, expect, it } from 'vitest'
import { SlackAddresses } from '../../src/drivers/slack-addresses.ts'
import { World } from './world.ts'

const RATE = { burst: 2, everyMs: 60_000 }

let world: World
/** The keys that the common budget was asked for. */
let keys: string[]

function addresses(token = 'xoxb-secret'): SlackAddresses {
  return new SlackAddresses({
    api: { apiUrl: 'https://slack.example/api/', token, fetch: world.deps.fetch },
    method: 'rtm.connect',
    rate: RATE,
    budget: {
      take(key, rate) {
        keys.push(key)
        return world.budget.take(key, rate)
      },
      block: (key, ms) => world.budget.block(key, ms),
    },
  })
}

const ask = (desk: SlackAddresses) => desk.ask(new AbortController().signal)

beforeEach(() => {
  world = new World()
  keys = []
  world.answers.set('api/rtm.connect', { ok: true, url: 'wss://rtm.example/1' })
})

describe('the addresses of sockets', () => {
  it('are asked for as often as the budget allows, and then not before it says', async () => {
    const desk = addresses()
    expect(await ask(desk)).toMatchObject({ ok: true, body: { url: 'wss://rtm.example/1' } })
    await ask(desk)
    expect(await ask(desk)).toEqual({ ok: false, error: 'budget_spent', retryAfterMs: 60_000 })
    expect(world.calls).toHaveLength(2)
    await world.advance(60_000)
    expect(await ask(desk)).toMatchObject({ ok: true })
  })

  it('are counted for each token by its hash, whoever asks', async () => {
    await ask(addresses())
    await ask(addresses())
    expect(await ask(addresses())).toMatchObject({ error: 'budget_spent' })
    expect(await ask(addresses('xoxb-other'))).toMatchObject({ ok: true })
    expect(keys[0]).toMatch(/^slack:rtm\.connect:[\w-]{22}$/)
    expect(new Set(keys).size).toBe(2)
  })

  it('are not asked for while Slack wants to be left alone, by nobody', async () => {
    const limited = new Response('', { status: 429, headers: { 'retry-after': '600' } })
    world.answers.set('api/rtm.connect', limited)
    expect(await ask(addresses())).toEqual({ ok: false, error: 'ratelimited', retryAfterMs: 600_000 })
    expect(await ask(addresses())).toEqual({ ok: false, error: 'budget_spent', retryAfterMs: 600_000 })
    expect(world.calls).toHaveLength(1)
  })
})
