import { EventEmitter } from 'node:events'
import { describe, expect, test, vi } from 'vitest'
import { ManualClock, ProblemError, type RunProcessOptions, runProcess, type Service } from '../src/index.ts'

class FakeProcess extends EventEmitter {
  readonly exits: number[] = []
  readonly lines: string[] = []
  readonly stderr = { write: (text: string) => this.lines.push(text) }
  exit(code: number): void {
    this.exits.push(code)
  }
}

const quiet: Service = { start: async () => {}, stop: async () => {} }

function run(options: Partial<RunProcessOptions> = {}) {
  const host = new FakeProcess()
  const clock = new ManualClock()
  let started = () => {}
  const start = new Promise<void>((resolve) => (started = resolve))
  const build = options.build ?? (() => ({ ...quiet, start: async () => started() }))
  const code = runProcess({ name: 'kelp', stopWithinMs: () => 1_000, host, clock, ...options, build })
  return { host, clock, code, started: start }
}

describe('a process', () => {
  test.each(['SIGTERM', 'SIGINT'])('stops on %s and exits with 0', async (signal) => {
    const { host, code, started } = run()
    await started
    host.emit(signal)
    expect(await code).toBe(0)
    expect(host.lines).toEqual([])
  })

  test('leaves no listener and no timer behind', async () => {
    const { host, clock, code, started } = run()
    await started
    host.emit('SIGTERM')
    await code
    expect(host.eventNames()).toEqual([])
    expect(clock.timerCount).toBe(0)
  })

  test('tells of each SIGHUP, and goes on', async () => {
    const onHangup = vi.fn()
    const { host, code, started } = run({ onHangup })
    await started
    host.emit('SIGHUP')
    host.emit('SIGHUP')
    expect(onHangup).toHaveBeenCalledTimes(2)
    expect(host.exits).toEqual([])
    host.emit('SIGTERM')
    expect(await code).toBe(0)
    expect(host.eventNames()).toEqual([])
  })

  test('leaves SIGHUP to the system where it means nothing to it', async () => {
    const { host, code, started } = run()
    await started
    expect(host.listenerCount('SIGHUP')).toBe(0)
    host.emit('SIGTERM')
    await code
  })

  test('exits at once with 1 on the second signal', async () => {
    const { host, started } = run({ build: () => ({ ...quiet, stop: () => new Promise(() => {}) }) })
    host.emit('SIGINT')
    expect(host.exits).toEqual([])
    host.emit('SIGTERM')
    expect(host.exits).toEqual([1])
    void started
  })

  test('prints the lines of a problem and exits with 2', async () => {
    const { host, code } = run({
      build() {
        throw new ProblemError('bad-config', 'holdfast.yaml:1: one\nholdfast.yaml:2: two')
      },
    })
    expect(await code).toBe(2)
    expect(host.lines).toEqual(['kelp: holdfast.yaml:1: one\n', 'kelp: holdfast.yaml:2: two\n'])
  })

  test('tells a problem of the start like one of the building', async () => {
    const start = async () => {
      throw new ProblemError('port-in-use', 'port 80 is in use')
    }
    const { host, code } = run({ build: () => ({ ...quiet, start }) })
    expect(await code).toBe(2)
    expect(host.lines).toEqual(['kelp: port 80 is in use\n'])
    expect(host.exits, 'it ends by itself').toEqual([])
  })

  test.each(['uncaughtException', 'unhandledRejection'])(
    'prints one line on %s and exits with 1',
    async (name) => {
      const crashes: unknown[] = []
      const { host, code, started } = run({ onCrash: (error) => crashes.push(error) })
      await started
      const error = new Error('it broke\n  in two')
      host.emit(name, error)
      expect(await code).toBe(1)
      expect(host.lines).toEqual(['kelp: stopped by an unexpected error: it broke in two\n'])
      expect(crashes).toEqual([error])
      expect(host.exits, 'whatever is still open').toEqual([1])
    },
  )

  test('exits with 1 when something breaks while it stops', async () => {
    const { host, code, started } = run({
      build: () => ({
        ...quiet,
        stop: async () => {
          throw new Error('half closed')
        },
      }),
    })
    void started
    host.emit('SIGTERM')
    expect(await code).toBe(1)
    expect(host.lines).toEqual(['kelp: stopped by an unexpected error: half closed\n'])
  })

  test('exits with 1 when the stop takes too long', async () => {
    let stopping = () => {}
    const stopBegan = new Promise<void>((resolve) => (stopping = resolve))
    const stop = () => {
      stopping()
      return new Promise<void>(() => {})
    }
    const { host, clock, code } = run({ build: () => ({ ...quiet, stop }) })
    host.emit('SIGTERM')
    await stopBegan
    clock.advance(1_000)
    expect(await code).toBe(1)
    expect(host.lines[0]).toContain('did not stop within 1000 ms')
    expect(host.exits).toEqual([1])
  })

  test('stops what is built when the signal comes during the building', async () => {
    const calls: string[] = []
    let built: (service: Service) => void = () => {}
    const { host, code } = run({ build: () => new Promise<Service>((resolve) => (built = resolve)) })
    await Promise.resolve()
    host.emit('SIGTERM')
    built({ start: async () => void calls.push('start'), stop: async () => void calls.push('stop') })
    expect(await code).toBe(0)
    expect(calls).toEqual(['stop'])
  })
})
