import type { Depth, Subscription } from '@holdfast/queue'
import { createMetricsRegistry, ManualClock } from '@holdfast/runtime'
import { beforeEach, describe, expect, test, vi } from 'vitest'
import { DepthWatch } from '../src/depth-watch.ts'
import { createGatewayMetrics } from '../src/metrics.ts'

const none: Depth = { waiting: 0, parked: 0, active: 0, sleeping: 0, retrying: 0, failed: 0, lagMs: 0 }
const commands = { name: 'commands' } as Subscription

let clock: ManualClock
let depth: ReturnType<typeof vi.fn<(queue: string) => Promise<Depth>>>
let watch: DepthWatch
let metricsText: () => Promise<string>

beforeEach(() => {
  clock = new ManualClock()
  const registry = createMetricsRegistry()
  metricsText = () => registry.metrics()
  depth = vi.fn(async (queue) => (queue === 'commands' ? { ...none, waiting: 3, lagMs: 1_500 } : none))
  const metrics = createGatewayMetrics(registry)
  watch = new DepthWatch({ view: { depth }, subscriptions: () => [commands], metrics, clock })
})

describe('the watch over depths', () => {
  test('knows the depth of each queue and its interactive one once started', async () => {
    await watch.start()
    expect(watch.find('commands')?.waiting).toBe(3)
    expect(watch.find('commands.interactive')?.waiting).toBe(0)
    const text = await metricsText()
    expect(text).toContain('holdfast_queue_depth{subscription="commands",state="waiting"} 3')
    expect(text).toContain('holdfast_queue_lag_seconds{subscription="commands"} 1.5')
    await watch.stop()
    expect(clock.timerCount).toBe(0)
  })

  test('looks again every two seconds', async () => {
    await watch.start()
    depth.mockResolvedValue({ ...none, waiting: 9 })
    clock.advance(2_000)
    await vi.waitFor(() => expect(watch.find('commands')?.waiting).toBe(9))
  })

  test('shows nothing rather than old figures when Redis does not answer', async () => {
    await watch.start()
    depth.mockImplementation(() => new Promise(() => {}))
    clock.advance(4_000)
    expect(watch.find('commands')?.waiting).toBe(3)
    clock.advance(2_000)
    expect(watch.find('commands')).toBeUndefined()
    expect(await metricsText()).not.toContain('holdfast_queue_depth{')
  })

  test('stopped during its start looks no more', async () => {
    let answer: (depth: Depth) => void = () => {}
    const held = new Promise<Depth>((resolve) => {
      answer = resolve
    })
    depth.mockReturnValue(held)
    const started = watch.start()
    await watch.stop()
    answer(none)
    await started
    expect(clock.timerCount).toBe(0)
  })

  test('has one look under way at a time', async () => {
    await watch.start()
    depth.mockClear()
    depth.mockImplementation(() => new Promise(() => {}))
    clock.advance(10_000)
    expect(depth).toHaveBeenCalledTimes(2)
  })
})
