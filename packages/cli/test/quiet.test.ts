import { describe, expect, test } from 'vitest'
import { type Backlog, Quiet } from '../src/ledger/quiet.ts'

const calm = { depth: 0, unconfirmed: 0, broken: false }

function observed(...backlogs: readonly (Partial<Backlog> & { readonly at: number })[]): Quiet {
  const quiet = new Quiet()
  for (const backlog of backlogs) quiet.observe({ ...calm, ...backlog })
  return quiet
}

describe('there is no hope for an event', () => {
  test('when nothing has waited for some seconds since it was sent', () => {
    expect(observed({ at: 0 }, { at: 3_999 }).isOver(0)).toBe(false)
    expect(observed({ at: 0 }, { at: 4_000 }).isOver(0)).toBe(true)
    expect(observed({ at: 0 }, { at: 4_000 }).isOver(500)).toBe(false)
  })

  test.each([
    ['something waits in the queue', { depth: 1 }],
    ['the gateway holds something', { unconfirmed: 1 }],
    ['something is being broken', { broken: true }],
    ['the queue does not answer', { depth: undefined }],
    ['the gateway does not answer', { unconfirmed: undefined }],
  ])('but not while %s', (_what, backlog) => {
    expect(observed({ at: 0 }, { at: 5_000, ...backlog }).isOver(0)).toBe(false)
    expect(observed({ at: 0 }, { at: 5_000, ...backlog }, { at: 6_000 }).isOver(0)).toBe(false)
  })

  test('after a minute in which nothing was broken, whatever else waits', () => {
    const busy = { depth: 7 }
    expect(observed({ at: 0, ...busy }, { at: 60_000, ...busy }).isOver(0)).toBe(true)
    expect(observed({ at: 0, ...busy }, { at: 60_000, ...busy }).isOver(1)).toBe(false)
    const broken = { at: 30_000, broken: true }
    expect(observed({ at: 0, ...busy }, broken, { at: 60_000, ...busy }).isOver(0)).toBe(false)
  })
})
