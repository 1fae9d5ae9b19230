import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Watermark } from '../src/watermark.ts'

function received(start: number, ...sequences: number[]): Watermark {
  const watermark = new Watermark(start)
  for (const sequence of sequences) watermark.received(sequence)
  return watermark
}

describe('Watermark', () => {
  test('starts at the sequence of the checkpoint', () => {
    expect(new Watermark(41).confirmed).toBe(41)
  })

  test('follows confirmations that come in order', () => {
    const watermark = received(0, 1, 2)
    watermark.confirm(1)
    expect(watermark.confirmed).toBe(1)
    watermark.confirm(2)
    expect(watermark.confirmed).toBe(2)
  })

  test('waits at the first sequence that is not confirmed, then passes all that are', () => {
    const watermark = received(0, 1, 2, 3, 4)
    watermark.confirm(3)
    watermark.confirm(2)
    expect(watermark.confirmed).toBe(0)
    watermark.confirm(1)
    expect(watermark.confirmed).toBe(3)
    expect(watermark.openCount).toBe(1)
  })

  test('takes a replayed sequence that is still in flight as the same one', () => {
    const watermark = received(4, 5, 6)
    watermark.received(5)
    watermark.confirm(5)
    expect(watermark.confirmed).toBe(5)
    watermark.confirm(5)
    expect(watermark.confirmed).toBe(5)
  })

  test('ignores a sequence behind it, and a confirmation of what was never received', () => {
    const watermark = received(10, 3)
    watermark.confirm(3)
    watermark.confirm(99)
    expect(watermark.confirmed).toBe(10)
    expect(watermark.openCount).toBe(0)
  })

  test('does not pass a sequence that came out of order', () => {
    const watermark = received(0, 2, 1)
    watermark.confirm(2)
    expect(watermark.confirmed).toBe(0)
    watermark.confirm(1)
    expect(watermark.confirmed).toBe(2)
  })

  test('crosses a hole in the numbers at once, however wide', () => {
    const watermark = received(0, 1, Number.MAX_SAFE_INTEGER)
    watermark.confirm(1)
    watermark.confirm(Number.MAX_SAFE_INTEGER)
    expect(watermark.confirmed).toBe(Number.MAX_SAFE_INTEGER)
  })

  test('always equals the model and never goes back', () => {
    const action = fc.record({ confirm: fc.boolean(), sequence: fc.integer({ min: 1, max: 20 }) })
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 5 }), fc.array(action, { maxLength: 80 }), (start, actions) => {
        const watermark = new Watermark(start)
        const model = new Model(start)
        for (const { confirm, sequence } of actions) {
          const before = watermark.confirmed
          if (confirm) watermark.confirm(sequence)
          else watermark.received(sequence)
          model.take(confirm, sequence)
          expect(watermark.confirmed).toBe(model.watermark)
          expect(watermark.confirmed).toBeGreaterThanOrEqual(before)
        }
      }),
    )
  })
})

/** Says it as the definition does, by looking through everything that ever came. */
class Model {
  readonly #seen = new Map<number, boolean>()
  watermark: number

  constructor(start: number) {
    this.watermark = start
  }

  take(confirm: boolean, sequence: number): void {
    if (!confirm && sequence > this.watermark && !this.#seen.has(sequence)) this.#seen.set(sequence, false)
    if (confirm && this.#seen.has(sequence)) this.#seen.set(sequence, true)
    const open = [...this.#seen].filter(([, confirmed]) => !confirmed).map(([received]) => received)
    const passable = [...this.#seen.keys()].filter((received) => received < Math.min(...open))
    this.watermark = Math.max(this.watermark, ...passable)
  }
}
