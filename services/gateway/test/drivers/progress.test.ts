import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Progress } from '../../src/drivers/progress.ts'

describe('progress', () => {
  it('takes the instant of a probe, less the allowance, once all that came before its answer is confirmed', () => {
    const progress = new Progress(0, 0)
    const first = progress.receivedNext()
    const second = progress.receivedNext()
    progress.probeAnswered(10_000)
    progress.receivedNext()
    expect(progress.heardAt).toBe(9_000)
    progress.confirm(second)
    expect(progress.confirmedAt).toBe(0)
    progress.confirm(first)
    expect(progress.confirmedAt).toBe(9_000)
    expect(progress.settled).toBe(false)
  })

  it('is as late as the last probe whose events are confirmed, also where the clock is put back', () => {
    const moves = fc.array(
      fc.oneof(
        fc.constant({ kind: 'received' as const }),
        fc.nat(40).map((sequence) => ({ kind: 'confirm' as const, sequence })),
        fc.integer({ min: -5_000, max: 9_000 }).map((afterMs) => ({ kind: 'answered' as const, afterMs })),
      ),
      { maxLength: 80 },
    )
    fc.assert(
      fc.property(moves, (steps) => {
        const progress = new Progress(0, 0)
        const confirmed = new Set<number>()
        const probes: { at: number; count: number }[] = []
        let [now, count] = [1_000, 0]
        for (const step of steps) {
          if (step.kind === 'received') count = progress.receivedNext()
          if (step.kind === 'confirm' && step.sequence <= count) {
            progress.confirm(step.sequence)
            confirmed.add(step.sequence)
          }
          if (step.kind === 'answered') {
            now += step.afterMs
            progress.probeAnswered(now)
            probes.push({ at: now - 1_000, count })
          }
          const truths = probes.filter((probe) => allUpTo(probe.count, confirmed)).map((probe) => probe.at)
          expect(progress.confirmedAt).toBe(truths.at(-1) ?? 0)
        }
      }),
    )
  })

  it('goes back with a clock that is put back, so that a gap does not seem to begin after it ended', () => {
    const progress = new Progress(0, 0)
    progress.probeAnswered(3_600_000)
    progress.probeAnswered(10_000)
    expect(progress.heardAt).toBe(9_000)
    expect(progress.confirmedAt).toBe(9_000)
  })

  it('keeps a bounded number of marks while nothing is confirmed, and then understates', () => {
    const progress = new Progress(0, 0)
    const sequence = progress.receivedNext()
    for (let probe = 1; probe <= 5_000; probe++) progress.probeAnswered(probe * 10_000)
    progress.confirm(sequence)
    expect(progress.confirmedAt).toBe(1_000 * 10_000 - 1_000)
    progress.probeAnswered(60_000_000)
    expect(progress.confirmedAt).toBe(60_000_000 - 1_000)
  })
})

function allUpTo(count: number, confirmed: ReadonlySet<number>): boolean {
  for (let sequence = 1; sequence <= count; sequence++) if (!confirmed.has(sequence)) return false
  return true
}
