import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@holdfast/runtime'
import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { DiskJournal } from '../src/journal.ts'
import { readJournal } from '../src/journal-record.ts'
import { Spill } from '../src/spill.ts'
import { event, recordingLog } from './fixtures.ts'

/** The disk under the journal: how much fits on it still, and what its fsyncs wait for. */
const disk = vi.hoisted(() => ({
  leftBytes: Number.POSITIVE_INFINITY,
  syncs: undefined as Promise<void> | undefined,
}))

vi.mock('node:fs/promises', async (importOriginal) => {
  const real = await importOriginal<typeof import('node:fs/promises')>()
  return {
    ...real,
    async open(...args: Parameters<typeof real.open>) {
      const handle: FileHandle = await real.open(...args)
      const append = handle.appendFile.bind(handle)
      const sync = handle.datasync.bind(handle)
      handle.appendFile = async (data) => {
        const bytes = data as Buffer
        const fits = bytes.subarray(0, Math.max(0, Math.min(bytes.length, disk.leftBytes)))
        disk.leftBytes -= fits.length
        await append(fits)
        if (fits.length < bytes.length)
          throw Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' })
      }
      handle.datasync = async () => {
        await disk.syncs
        await sync()
      }
      return handle
    },
  }
})

let folder: string
let log: ReturnType<typeof recordingLog>
let clock: ManualClock
let journal: DiskJournal

beforeEach(async () => {
  disk.leftBytes = Number.POSITIVE_INFINITY
  disk.syncs = undefined
  folder = mkdtempSync(join(tmpdir(), 'holdfast-disk-'))
  log = recordingLog()
  clock = new ManualClock()
  journal = await open()
  onTestFinished(async () => {
    await journal.stop()
    rmSync(folder, { recursive: true })
  })
})

async function open(): Promise<DiskJournal> {
  const opened = new DiskJournal({ folder, deployment: 'holdfast', expected: true, clock, log })
  await opened.start()
  return opened
}

const offered = (...ids: string[]) => ids.map((id) => ({ event: event(id), connection: 'acme' }))

/** What a process that starts now would find, file by file. */
function found(): string[] {
  const contents = readdirSync(folder).map((name) => readJournal(readFileSync(join(folder, name))))
  return contents.flatMap(({ unsettled }) => unsettled.map(({ event: { id } }) => id))
}

const levels = () => log.lines.map(({ level }) => level)

describe('a journal on a full disk', () => {
  test('refuses what does not fit, in the middle of a record too, says so once, and keeps what it had', async () => {
    await journal.keepAll(offered('e1', 'e2'))
    const recordBytes = statSync(join(folder, readdirSync(folder)[0] ?? '')).size / 2
    disk.leftBytes = 1.5 * recordBytes
    await expect(journal.keepAll(offered('e3', 'e4'))).rejects.toMatchObject({ code: 'journal-unwritable' })
    await expect(journal.keepAll(offered('e3'))).rejects.toMatchObject({ code: 'journal-unwritable' })
    expect(journal.standing).toMatchObject({ count: 2, failing: expect.stringContaining('ENOSPC') })
    expect(levels()).toEqual(['error'])
    expect(found()).toEqual(expect.arrayContaining(['e1', 'e2']))
  })

  test('recovers by itself, with all that it holds, while nothing new comes', async () => {
    await journal.keepAll(offered('e1', 'e2'))
    disk.leftBytes = 10
    await expect(journal.keepAll(offered('e3'))).rejects.toThrow('ENOSPC')
    disk.leftBytes = Number.POSITIVE_INFINITY
    clock.advance(5_000)
    await expect.poll(() => journal.standing.failing).toBeUndefined()
    expect(levels()).toEqual(['error', 'info'])
    expect(found()).toEqual(['e1', 'e2'])
    expect(clock.timerCount).toBe(0)
  })

  test('forgets what is settled meanwhile', async () => {
    const [first] = await journal.keepAll(offered('e1', 'e2'))
    disk.leftBytes = 0
    await expect(journal.keepAll(offered('e3'))).rejects.toThrow('ENOSPC')
    first?.settle()
    disk.leftBytes = Number.POSITIVE_INFINITY
    await journal.keepAll(offered('e4'))
    expect(found()).toEqual(['e2', 'e4'])
  })

  test('has what it said it has, whenever the disk is full and whenever the process dies', async () => {
    const move = fc.oneof(
      {
        weight: 4,
        arbitrary: fc.integer({ min: 1, max: 4 }).map((count) => ({ kind: 'keep' as const, count })),
      },
      { weight: 2, arbitrary: fc.nat(30).map((n) => ({ kind: 'settle' as const, n })) },
      { weight: 2, arbitrary: fc.nat(1_500).map((bytes) => ({ kind: 'full' as const, bytes })) },
      { weight: 2, arbitrary: fc.constant({ kind: 'freed' as const }) },
      { weight: 1, arbitrary: fc.constant({ kind: 'later' as const }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(move, { maxLength: 25 }), async (moves) => {
        await journal.stop()
        rmSync(folder, { recursive: true })
        mkdirSync(folder)
        disk.leftBytes = Number.POSITIVE_INFINITY
        journal = await open()
        let count = 0
        const entries = new Map<string, { settle(): void }>()
        for (const step of moves) {
          if (step.kind === 'full') disk.leftBytes = step.bytes
          if (step.kind === 'freed') disk.leftBytes = Number.POSITIVE_INFINITY
          if (step.kind === 'later') clock.advance(5_000)
          if (step.kind === 'settle') {
            entries.get(`e${step.n}`)?.settle()
            entries.delete(`e${step.n}`)
          }
          if (step.kind !== 'keep') continue
          const ids = Array.from({ length: step.count }, () => `e${++count}`)
          const kept = await journal.keepAll(offered(...ids)).catch(() => [])
          for (const [index, entry] of kept.entries()) entries.set(ids[index] ?? '', entry)
          const there = found()
          const held = [...entries.keys()]
          expect(
            there.filter((id) => entries.has(id)).filter((id, at, all) => all.indexOf(id) === at),
          ).toEqual(held)
        }
      }),
      { numRuns: 40 },
    )
  })
})

describe('a journal on a slow disk', () => {
  test('holds up nothing else: events go to Redis at once, and are kept when the disk is done', async () => {
    const published: string[] = []
    const kept: string[] = []
    const spill = new Spill({ publish: ({ id }) => void published.push(id), journal, clock })
    onTestFinished(() => spill.stop())
    const publish = (id: string) =>
      spill.publish(
        event(id),
        { connection: 'acme' },
        () => {},
        () => kept.push(id),
      )
    let done = () => {}
    disk.syncs = new Promise((resolve) => {
      done = resolve
    })
    publish('e1')
    clock.advance(250)
    for (let second = 2; second < 8; second++) {
      publish(`e${second}`)
      clock.advance(1_000)
      await new Promise(setImmediate)
    }
    expect(published).toHaveLength(7)
    expect(kept).toEqual([])
    done()
    await expect.poll(() => kept).toEqual(['e1'])
    clock.advance(250)
    await expect.poll(() => kept).toEqual(published)
  })

  test('that never answers does not hold up a stop for ever', async () => {
    disk.syncs = new Promise(() => {})
    void journal.keepAll(offered('e1')).catch(() => {})
    await expect.poll(() => found()).toEqual(['e1'])
    const stopped = journal.stop()
    clock.advance(5_000)
    await stopped
  })
})
