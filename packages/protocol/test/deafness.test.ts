import { describe, expect, it } from 'vitest'
import { type Hearing, isDeaf } from '../src/index.ts'

/** `perTick` dispatches in each of so many ticks of ten seconds. */
const hears = (perTick: number, ticks: number): Hearing => Array.from({ length: ticks }, () => perTick)
const away = (ticks: number): Hearing => Array.from({ length: ticks }, () => null)

const busy = [...hears(10, 120), ...hears(0, 6)]
const peer = hears(10, 126)

describe('a shard is deaf', () => {
  it('when it is silent for a minute, and what its peers hear says that it should have heard thirty dispatches', () => {
    expect(isDeaf(busy, [peer])).toBe(true)
  })

  it('at sixty seconds of silence, not before', () => {
    expect(isDeaf(busy.slice(0, -1), [peer.slice(0, -1)])).toBe(false)
  })

  it('at thirty dispatches that should have come, not before', () => {
    const slow = [...hears(1, 120), ...hears(0, 29)]
    expect(isDeaf(slow, [hears(1, 149)])).toBe(false)
    expect(isDeaf([...slow, 0], [hears(1, 150)])).toBe(true)
  })

  it('with its usual before it was cut off, too', () => {
    expect(isDeaf([...hears(10, 60), ...away(30), ...hears(0, 6)], [hears(10, 96)])).toBe(true)
  })
})

describe('a silent shard is not deaf', () => {
  it('without a peer', () => {
    expect(isDeaf(busy, [])).toBe(false)
  })

  it('where its peers are silent, away or new', () => {
    expect(isDeaf(busy, [busy, [...hears(10, 60), ...away(66)], hears(10, 40)])).toBe(false)
    expect(isDeaf(busy, [[...hears(10, 122), null, ...hears(10, 3)]])).toBe(false)
  })

  it('where its peers hear as much less than usual: it is night', () => {
    expect(isDeaf(busy, [[...hears(100, 120), ...hears(40, 6)]])).toBe(false)
    expect(isDeaf(busy, [[...hears(100, 120), ...hears(60, 6)]])).toBe(true)
  })

  it('because a peer hears more than usual', () => {
    const quiet = [...hears(1, 120), ...hears(0, 12)]
    expect(isDeaf(quiet, [[...hears(1, 120), ...hears(1_000, 12)]])).toBe(false)
  })

  it('where only some of its peers say so: of two the quieter one is believed', () => {
    expect(isDeaf(busy, [peer, [...hears(10, 120), ...hears(1, 6)]])).toBe(false)
  })

  it('after a raid: what was unlike other minutes is not its usual', () => {
    const raided = [...hears(0.1, 90), ...hears(500, 12), ...hears(0, 12)]
    expect(isDeaf(raided, [hears(10, 114)])).toBe(false)
  })

  it('within a minute after it was resumed', () => {
    expect(isDeaf([...hears(10, 120), null, ...hears(0, 5)], [peer])).toBe(false)
  })

  it('where too little is known of it', () => {
    expect(isDeaf([...hears(10, 59), ...hears(0, 6)], [peer])).toBe(false)
    expect(isDeaf([], [peer])).toBe(false)
  })

  it('when it never hears anything', () => {
    expect(isDeaf(hears(0, 720), [hears(10, 720)])).toBe(false)
  })
})
