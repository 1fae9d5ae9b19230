import { RateLimitError, type REST } from '@discordjs/rest'
import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { discordClient } from '../src/discord-client.ts'
import { type FakePlatform, startFakePlatform } from './fake-platform.ts'

const HOUR_MS = 3_600_000
/** What the library lets a client ask in a second of the wall clock. */
const PER_SECOND = 50

let discord: FakePlatform
let clients: REST[] = []

beforeEach(async () => {
  discord = await startFakePlatform(() => ({ json: [] }))
  vi.useFakeTimers({ toFake: ['Date'] })
})
afterEach(async () => {
  vi.useRealTimers()
  for (const rest of clients) {
    rest.clearHashSweeper()
    rest.clearHandlerSweeper()
  }
  clients = []
  await discord.close()
})

/** A client on the wall clock of the library. */
function clientOn(clock: Pick<ManualClock, 'monotonicMs'>) {
  const own = Object.assign(new ManualClock(), { monotonicMs: clock.monotonicMs, wallAt: () => Date.now() })
  const rest = discordClient('token', `${discord.url}v10`, own)
  clients.push(rest)
  return { ask: () => rest.get('/channels/1') }
}

async function askUntilLimited(ask: () => Promise<unknown>): Promise<unknown> {
  for (let asked = 0; asked <= PER_SECOND; asked += 1) {
    const limit = await ask().then(
      () => undefined,
      (error: unknown) => error,
    )
    if (limit !== undefined) return limit
  }
  return undefined
}

describe('a client of Discord', () => {
  test.each([0, HOUR_MS])(
    'goes on after its wall clock, once %d ms ahead, was set back by an hour',
    async (aheadMs) => {
      const { ask } = clientOn({ monotonicMs: () => 0 })
      await ask()
      vi.setSystemTime(Date.now() + aheadMs)
      await ask()
      vi.setSystemTime(Date.now() - HOUR_MS)
      const limit = await askUntilLimited(ask)
      expect(limit).toBeInstanceOf(RateLimitError)
      expect(limit).toMatchObject({ timeToReset: 1, retryAfter: 1 })
      await expect(ask()).resolves.toEqual([])
    },
  )

  test('keeps to a limit of Discord while its clock goes on as it does', async () => {
    await discord.close()
    discord = await startFakePlatform(() => ({
      json: { message: 'You are being rate limited.', retry_after: 60, global: false },
      status: 429,
      headers: { 'retry-after': '60', 'x-ratelimit-scope': 'user' },
    }))
    const { ask } = clientOn({ monotonicMs: () => Date.now() })
    const limit = await ask().catch((error: unknown) => error)
    expect(limit).toBeInstanceOf(RateLimitError)
    expect((limit as RateLimitError).retryAfter).toBeGreaterThan(50_000)
  })
})
