import { compileRouter } from '@holdfast/events'
import { createMemoryQueues, type Registry } from '@holdfast/queue'
import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { SubscriptionWatch } from '../src/subscription-watch.ts'
import { recordingLog } from './fixtures.ts'

let registry: Registry
let clock: ManualClock
let log: ReturnType<typeof recordingLog>
let watch: SubscriptionWatch

beforeEach(() => {
  registry = createMemoryQueues().registry
  clock = new ManualClock()
  log = recordingLog()
  watch = watchOver(registry)
})
afterEach(() => watch.stop())

function watchOver(over: Registry): SubscriptionWatch {
  return new SubscriptionWatch({
    registry: over,
    gatewayId: 'replica-a:1',
    fixed: [{ name: 'audit', patterns: ['discord.*'] }],
    compile: compileRouter,
    clock,
    log,
  })
}

const wish = (patterns: string[]) => ({
  workerId: 'w1',
  subscription: 'commands',
  patterns,
  order: 'conversation' as const,
})

const route = (type: string) => watch.route(type, 'live')

describe('the watch over subscriptions', () => {
  test('knows those of the configuration and those declared before, once started', async () => {
    await registry.declare(wish(['slack.message']))
    expect(route('slack.message')).toEqual([])
    await watch.start()
    expect(route('slack.message')).toEqual(['commands'])
    expect(route('discord.MESSAGE_CREATE')).toEqual(['audit'])
    expect(watch.find('audit')).toMatchObject({ fixed: true })
  })

  test('keeps what a Redis that came back empty has forgotten, until it was declared again or ten seconds passed', async () => {
    const declare = () => registry.declare(wish(['slack.message']))
    await declare()
    await declare()
    await watch.start()
    const empty = createMemoryQueues().registry
    vi.spyOn(registry, 'wishes').mockImplementation(() => empty.wishes())
    const looked = () => {
      clock.advance(1_000)
      return vi.waitFor(() => expect(watch.version).toBeLessThan(2))
    }
    await looked()
    expect(route('slack.message')).toEqual(['commands'])
    expect(route('discord.MESSAGE_CREATE')).toEqual(['audit'])
    await empty.declare(wish(['slack.reaction_added']))
    await looked()
    await vi.waitFor(() => expect(route('slack.reaction_added')).toEqual(['commands']))
    expect(route('slack.message')).toEqual([])
    expect(route('discord.MESSAGE_CREATE')).toEqual(['audit'])
    clock.advance(10_000)
    await vi.waitFor(() => {
      clock.advance(1_000)
      expect(route('discord.MESSAGE_CREATE')).toEqual([])
    })
  })

  test('routes by a change before it notes it, so who waits for the note misses nothing', async () => {
    const routedAtNote: (readonly string[])[] = []
    const note = registry.note.bind(registry)
    vi.spyOn(registry, 'note').mockImplementation((id, version) => {
      routedAtNote.push(route('slack.message'))
      return note(id, version)
    })
    await watch.start()
    const version = await registry.declare(wish(['slack.message']))
    await vi.waitFor(async () => expect(await registry.awaitNoted(version, 0)).toBe('noted'))
    expect(routedAtNote[0]).toEqual([])
    expect(routedAtNote.at(-1)).toEqual(['commands'])
  })

  test('notes its version again each second', async () => {
    const note = vi.spyOn(registry, 'note')
    await watch.start()
    note.mockClear()
    clock.advance(1_000)
    await vi.waitFor(() => expect(note).toHaveBeenCalledTimes(1))
    await vi.waitFor(() => expect(clock.timerCount).toBe(1))
    clock.advance(1_000)
    await vi.waitFor(() => expect(note).toHaveBeenCalledTimes(2))
  })

  test('finds a change that nobody announced, within a second', async () => {
    vi.spyOn(registry, 'watch').mockReturnValue(() => {})
    await watch.start()
    await registry.declare(wish(['slack.message']))
    expect(route('slack.message')).toEqual([])
    clock.advance(1_000)
    await vi.waitFor(() => expect(route('slack.message')).toEqual(['commands']))
  })

  test('keeps routing by the last known ones while Redis is away, and says so', async () => {
    await watch.start()
    vi.spyOn(registry, 'wishes').mockRejectedValueOnce(new Error('Connection is closed.'))
    clock.advance(1_000)
    await vi.waitFor(() => expect(log.lines.at(-1)?.level).toBe('warn'))
    expect(route('discord.MESSAGE_CREATE')).toEqual(['audit'])
    await vi.waitFor(() => expect(clock.timerCount).toBe(1))
  })

  test('looks once more when a change comes during a look', async () => {
    await watch.start()
    const wishes = registry.wishes.bind(registry)
    vi.spyOn(registry, 'wishes').mockImplementationOnce(async () => {
      const before = await wishes()
      await registry.declare(wish(['slack.message']))
      return before
    })
    clock.advance(1_000)
    await vi.waitFor(() => expect(route('slack.message')).toEqual(['commands']))
  })

  test('warns of a pattern it can not read and routes by the others', async () => {
    await registry.declare(wish(['slack.message', 'discrd.*']))
    await watch.start()
    expect(route('slack.message')).toEqual(['commands'])
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ message }) => message)).toEqual([
      expect.stringContaining('"discrd.*"'),
    ])
  })

  test('is not waited for once it has left', async () => {
    await watch.start()
    await watch.stop()
    await watch.leave()
    const version = await registry.declare(wish(['slack.message']))
    expect(await registry.awaitNoted(version, 0)).toBe('noted')
    expect(clock.timerCount).toBe(0)
  })
})
