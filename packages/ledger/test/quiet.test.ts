import { describe, expect, test } from 'vitest'
import { type Backlog, Quiet } from '../src/quiet.ts'

const calm = { depth: 0, unconfirmed: 0, broken: false }

function observed(...backlogs: readonly (Partial<Backlog> & { readonly at: number })[]): Quiet {
  const quiet = new Quiet()
  for (const backlog of backlogs) quiet.observe({ ...calm, ...backlog })
  return quiet
}

/** Looked at every second from one instant to another, things standing like this. */
function looks(fromAt: number, toAt: number, backlog: Partial<Backlog> = {}) {
  return Array.from({ length: (toAt - fromAt) / 1_000 + 1 }, (_, n) => ({
    at: fromAt + n * 1_000,
    ...backlog,
  }))
}

describe('there is no hope for an event', () => {
  test('when nothing has waited for some seconds since it was sent', () => {
    expect(observed(...looks(0, 3_000), { at: 3_999 }).isOver(0)).toBe(false)
    expect(observed(...looks(0, 4_000)).isOver(0)).toBe(true)
    expect(observed(...looks(0, 4_000)).isOver(500)).toBe(false)
  })

  test.each([
    ['something waits in the queue', { depth: 1 }],
    ['the gateway holds something', { unconfirmed: 1 }],
    ['something is being broken', { broken: true }],
    ['the queue does not answer', { depth: undefined }],
    ['the gateway does not answer', { unconfirmed: undefined }],
  ])('but not while %s', (_what, backlog) => {
    const begun = [...looks(0, 4_000), { at: 5_000, ...backlog }]
    expect(observed(...begun).isOver(0)).toBe(false)
    expect(observed(...begun, { at: 6_000 }).isOver(0)).toBe(false)
  })

  test('after a minute in which nothing was broken, whatever else waits', () => {
    const busy = { depth: 7 }
    expect(observed(...looks(0, 60_000, busy)).isOver(0)).toBe(true)
    expect(observed(...looks(0, 60_000, busy)).isOver(1)).toBe(false)
    const broken = { at: 30_000, broken: true }
    expect(observed(...looks(0, 29_000, busy), broken, ...looks(31_000, 60_000, busy)).isOver(0)).toBe(false)
  })

  test('but whoever looks was held up itself meanwhile: then all of it begins anew', () => {
    const awake = [...looks(0, 10_000), { at: 100_000 }]
    expect(observed(...awake).isOver(9_000)).toBe(false)
    expect(observed(...awake, ...looks(101_000, 104_000)).isOver(9_000)).toBe(true)
  })
})
