import { getEventListeners } from 'node:events'
import { describe, expect, it } from 'vitest'
import { InFlight } from '../../src/backfill/in-flight.ts'

describe('messages in flight', () => {
  it('are waited for until few enough are left', async () => {
    const inFlight = new InFlight(new AbortController().signal)
    const [one, other] = [inFlight.begin(), inFlight.begin()]
    expect(await inFlight.atMost(2)).toBe(true)
    const waited = inFlight.atMost(0)
    one()
    other()
    expect(await waited).toBe(true)
  })

  it('are waited for no longer once the signal aborts', async () => {
    const halt = new AbortController()
    const inFlight = new InFlight(halt.signal)
    inFlight.begin()
    const waited = inFlight.atMost(0)
    halt.abort()
    expect(await waited).toBe(false)
  })

  it('leave nothing with a signal that outlives gap after gap', async () => {
    const { signal } = new AbortController()
    for (let gap = 0; gap < 3; gap += 1) {
      const inFlight = new InFlight(signal)
      const confirm = inFlight.begin()
      const waited = inFlight.atMost(0)
      confirm()
      await waited
    }
    expect(getEventListeners(signal, 'abort')).toEqual([])
  })
})
