import { describe, expect, it } from 'vitest'
import { createWatch, type Lease, type MemberSeen, type Picture } from '../src/index.ts'
import { lease, member, run } from './standpoint-of.ts'

const picture = (members: readonly MemberSeen[], leases: readonly Lease[] = []): Picture => ({
  at: 0,
  members,
  leases,
  deploys: [{ id: 'first', sinceAt: 5, strikeCount: 0, restUntilAt: 0 }],
})

/** Feeds a watch with a picture each second, from `fromMs` on. */
function watched(pictures: readonly Picture[], watch = createWatch(), fromMs = 10_000) {
  for (const [index, it] of pictures.entries()) watch.see(it, ['acme'], fromMs + index * 1_000)
  return watch
}

const a = (beat: number): MemberSeen => ({ ...member('a'), beat })

describe('the watch', () => {
  it('counts for how long a beat stands still, from the picture that first showed it', () => {
    const seen = watched([a(1), a(2), a(2), a(2)].map((it) => picture([it]))).watched()
    expect(seen.stillMs(run('a'))).toBe(2_000)
    expect(seen.beat(run('a'))).toBe(2)
    expect(seen.stillMs(run('b'))).toBe(0)
  })

  it('goes on watching a holder that is listed no more, at the beat where it was', () => {
    const gone = picture([], [lease('acme', run('a'))])
    const seen = watched([picture([a(4)], gone.leases), gone, gone]).watched()
    expect(seen.stillMs(run('a'))).toBe(2_000)
    expect(seen.beat(run('a'))).toBe(4)
  })

  it('a holder that was never listed stands still from the first picture on', () => {
    const seen = watched(Array.from({ length: 4 }, () => picture([], [lease('acme', run('a'))]))).watched()
    expect(seen.stillMs(run('a'))).toBe(3_000)
  })

  it.each([
    ['a beat that failed', true, 14_000],
    ['a time without pictures, as of a process that was frozen,', false, 16_000],
  ])('%s begins all watching anew', (_, fails, againMs) => {
    const watch = watched(Array.from({ length: 4 }, () => picture([a(2)])))
    expect(watch.watched()).toMatchObject({ settledMs: 3_000, backMs: Number.POSITIVE_INFINITY })
    if (fails) watch.away()
    watched([picture([a(2)]), picture([a(2)])], watch, againMs)
    const seen = watch.watched()
    expect(seen).toMatchObject({ settledMs: 1_000, backMs: 1_000 })
    expect([seen.stillMs(run('a')), seen.freeMs('acme')]).toEqual([1_000, 1_000])
    expect(seen.beat(run('a'))).toBe(2)
  })

  it('a Redis that has forgotten a lease, or a number of it, was away', () => {
    for (const forgetful of [[], [lease('acme', run('a'), { fence: 2 })]]) {
      const watch = watched([picture([a(1)], [lease('acme', run('a'))]), picture([a(2)], forgetful)])
      expect(watch.watched().backMs).toBe(0)
    }
  })

  it('counts for how long a unit is free', () => {
    const held = picture([a(1)], [lease('acme', run('a'))])
    const free = picture([a(1)], [lease('acme')])
    expect(watched([held, free, free]).watched().freeMs('acme')).toBe(1_000)
    expect(watched([free, held]).watched().freeMs('acme')).toBe(0)
    expect(watched([free]).watched().freeMs('other')).toBe(0)
  })

  it('members are settled while nobody comes, goes, is replaced or begins to drain', () => {
    const settled = (...last: MemberSeen[]) =>
      watched([picture([a(1)]), picture([a(2)]), picture(last)]).watched().settledMs
    expect(settled(a(3))).toBe(2_000)
    expect(settled(a(3), member('b'))).toBe(0)
    expect(settled()).toBe(0)
    expect(settled(member('a', run('a', 'y')))).toBe(0)
    expect(settled(member('a', { draining: true }))).toBe(0)
  })

  it('calls a run alive once its beat was seen to rise, and until it has missed two', () => {
    const livesAfter = (...beats: number[]) =>
      watched(beats.map((beat) => picture([a(beat)]))).lives(run('a'))
    expect(livesAfter(4)).toBe(false)
    expect(livesAfter(4, 4)).toBe(false)
    expect(livesAfter(4, 5)).toBe(true)
    expect(livesAfter(4, 5, 5, 5)).toBe(true)
    expect(livesAfter(4, 5, 5, 5, 5)).toBe(false)
    expect(watched([picture([a(4)]), picture([a(5)])]).lives(run('b'))).toBe(false)
  })

  it('remembers how old a rollout is, also where Redis has forgotten it', () => {
    const forgotten = {
      ...picture([a(2)]),
      deploys: [{ id: 'first', sinceAt: 900, strikeCount: 0, restUntilAt: 0 }],
    }
    expect(
      watched([picture([a(1)]), forgotten])
        .watched()
        .deploySinceAt('first'),
    ).toBe(5)
  })

  it('forgets a deploy that Redis has dropped, so that it is as new to this replica as to all others when it comes again', () => {
    const dropped = { ...picture([a(2)]), deploys: [] }
    const again = {
      ...picture([a(3)]),
      deploys: [{ id: 'first', sinceAt: 900, strikeCount: 0, restUntilAt: 0 }],
    }
    const ageAfter = (watch = createWatch()) =>
      watched([again], watch, 12_000).watched().deploySinceAt('first')
    expect(ageAfter(watched([picture([a(1)]), dropped]))).toBe(900)
    // Over a hole Redis may have lost it.
    const away = watched([picture([a(1)])])
    away.away()
    expect(ageAfter(watched([dropped], away, 11_000))).toBe(5)
  })
})
