import { ManualClock } from '@holdfast/runtime'
import { describe, expect, test } from 'vitest'
import type { Ending } from '../src/demo/child.ts'
import { Crew, type CrewMember, type CrewWorker } from '../src/demo/crew.ts'

/** A process that is at work as soon as it starts, unless its release is broken: then it ends. */
class FakeWorker implements CrewWorker {
  readonly pid = 1
  readonly ended: Promise<Ending>
  readonly firstMessage: Promise<unknown>
  readonly name: string
  running = true
  #end: (ending: Ending) => void = () => {}

  constructor(name: string, isBroken: boolean) {
    this.name = name
    this.ended = new Promise((resolve) => {
      this.#end = resolve
    })
    this.firstMessage = isBroken
      ? Promise.reject(new Error(`${name} ended at once`))
      : Promise.resolve('ready')
    this.firstMessage.catch(() => {})
    if (isBroken) this.end({ code: 1, signal: null })
  }

  end(ending: Ending): void {
    this.running = false
    this.#end(ending)
  }

  signal(signal: NodeJS.Signals): void {
    this.end({ code: null, signal })
  }

  stop(): Promise<Ending> {
    if (this.running) this.end({ code: 0, signal: null })
    return this.ended
  }

  lastWords = () => 'Error: this release is broken'
}

function crew(isBroken: (name: string, generation: number) => boolean = () => false) {
  const clock = new ManualClock()
  const troubles: string[] = []
  const hired = new Crew({
    size: 2,
    hire: (name, generation) => new FakeWorker(name, isBroken(name, generation)),
    onTrouble: (line) => troubles.push(line),
    clock,
  })
  const members = () => hired.members.map(describeMember)
  return { crew: hired, clock, troubles, members }
}

function describeMember({ child, generation, state }: CrewMember): string {
  return `${child.name} v${generation} ${state}`
}

describe('the crew', () => {
  test('puts another in the place of a worker that it killed', async () => {
    const { crew: hired, troubles, members } = crew()
    await hired.start()
    for (const worker of hired.workers.slice(0, 1)) await hired.kill(worker)
    expect(members()).toEqual(['worker-1 v1 killed', 'worker-2 v1 up', 'worker-3 v1 up'])
    expect(troubles).toEqual([])
  })

  test('puts another in the place of a worker that ended unasked, and tells it', async () => {
    const { crew: hired, clock, troubles, members } = crew()
    await hired.start()
    hired.workers[0]?.signal('SIGTERM')
    await expect.poll(() => troubles).toHaveLength(1)
    clock.advance(1_000)
    await expect.poll(members).toEqual(['worker-1 v1 ended', 'worker-2 v1 up', 'worker-3 v1 up'])
  })

  test('waits longer and longer for workers that do not come to work', async () => {
    const { crew: hired, clock, troubles } = crew((name) => !['worker-1', 'worker-2'].includes(name))
    await hired.start()
    hired.workers[0]?.signal('SIGKILL')
    await expect.poll(() => troubles[0]).toMatch('worker-1 was ended from outside (SIGKILL)')
    for (const [waits, seconds] of [1, 2, 4, 8, 16, 30, 30].entries()) {
      await expect.poll(() => troubles).toHaveLength(waits + 1)
      expect(troubles.at(-1)).toMatch(`another takes its place in ${seconds} s`)
      clock.advance(seconds * 1_000)
    }
    await hired.stop()
  })

  test('rolls: the old ones drain once the new ones are at work', async () => {
    const { crew: hired, members } = crew()
    await hired.start()
    const drained = { code: 0, signal: null }
    expect(await hired.roll()).toEqual([drained, drained])
    expect(members()).toEqual(['worker-1 v1 ended', 'worker-2 v1 ended', 'worker-3 v2 up', 'worker-4 v2 up'])
    expect(hired.generation).toBe(2)
  })

  test('keeps the old ones at work when the next version does not start', async () => {
    const { crew: hired, clock, troubles } = crew((_name, generation) => generation === 2)
    await hired.start()
    await expect(hired.roll()).rejects.toThrow('worker-3 ended at once')
    expect(hired.generation).toBe(1)
    expect(troubles).toEqual([])
    clock.advance(60_000)
    expect(hired.workers.map(({ name }) => name)).toEqual(['worker-1', 'worker-2'])
  })

  test('does not start where its workers do not, and hires nobody in their place', async () => {
    const { crew: hired, clock, members } = crew(() => true)
    await expect(hired.start()).rejects.toThrow('ended at once')
    await hired.stop()
    clock.advance(60_000)
    expect(members()).toEqual(['worker-1 v1 ended', 'worker-2 v1 ended'])
  })

  test('stops all of them and hires nobody after', async () => {
    const { crew: hired, clock, members } = crew()
    await hired.start()
    await hired.stop()
    clock.advance(60_000)
    expect(members()).toEqual(['worker-1 v1 ended', 'worker-2 v1 ended'])
  })
})
