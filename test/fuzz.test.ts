import { describe, expect, test } from 'vitest'
import { FUZZ } from './fuzz/fuzz-settings.ts'
import { fuzzMachine } from './fuzz/fuzzed-machine.ts'
import { fuzzReaders } from './fuzz/fuzzed-readers.ts'
import { fuzzDrivers } from './fuzz/fuzzing.ts'
import { HeapWatch } from './fuzz/heap-watch.ts'

/*
 * Frames that no platform would send, between frames that must arrive. `npm run fuzz` does the same with any number of
 * frames and any seed, and looks at the heap.
 */

const { frameCount, seed, transports, watchesHeap } = FUZZ
/** Generous: a hang is what it must find. */
const timeout = 30_000 + frameCount * 10
/** What drivers leave behind would add up over the hundreds of lives of a run. */
const MOST_GROWTH = 1.1

describe.each(transports)('whatever frames come over %s', (transport) => {
  test('no reader throws, and what is no JSON object is malformed', { timeout }, () => {
    const malformedCount = fuzzReaders(transport, seed, frameCount)
    expect(malformedCount).toBeGreaterThan(frameCount / 10)
    expect(malformedCount).toBeLessThan(frameCount)
  })

  test('the machine does not throw and keeps nothing of them', { timeout }, () => {
    fuzzMachine(transport, seed, frameCount)
  })

  test('the driver goes on, counts the malformed ones, delivers every valid one once and leaves nothing', {
    timeout,
  }, async () => {
    const heap = watchesHeap ? new HeapWatch(frameCount) : undefined
    const counts = await fuzzDrivers({
      transport,
      seed,
      frameCount,
      onRound: (count) => heap?.look(count),
    })
    expect(counts.frameCount).toBeGreaterThanOrEqual(frameCount)
    expect(counts.malformedCount).toBeGreaterThan(0)
    expect(counts.validCount).toBeGreaterThan(0)
    expect(heap?.growth ?? 1).toBeLessThan(MOST_GROWTH)
    const { validCount, malformedCount, socketCount } = counts
    const told = [
      `${transport}: ${counts.frameCount} fuzzed frames (${malformedCount} malformed) on ${socketCount} sockets`,
      `${validCount} valid ones delivered once`,
      ...(heap ? [`heap ×${heap.growth.toFixed(3)}`] : []),
    ]
    console.log(told.join(', '))
  })
})
