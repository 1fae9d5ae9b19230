import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock } from '@holdfast/runtime'
import fc from 'fast-check'
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest'
import { DiskJournal, type DiskJournalOptions } from '../src/journal.ts'
import { encodeRecord, type JournalRecord, readJournal } from '../src/journal-record.ts'
import type { JournalEntry } from '../src/ports.ts'
import { event, recordingLog } from './fixtures.ts'

let root: string
let folder: string
let log: ReturnType<typeof recordingLog>
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
  folder = join(root, 'journal')
  log = recordingLog()
  onTestFinished(() => rmSync(root, { recursive: true }))
})

/** What a journal has published again, and how each is confirmed. */
interface Replayed {
  readonly id: string
  readonly connection: string
  readonly text: string
  confirm(): void
}

/** A journal as a process opens it; one that is not stopped is one whose process was killed. */
async function open(options: Partial<DiskJournalOptions> = {}) {
  const journal = new DiskJournal({ folder, deployment: 'holdfast', expected: true, log, ...options })
  onTestFinished(() => journal.stop())
  await journal.start()
  const replayed: Replayed[] = []
  journal.replay(({ id, text }, { connection }, confirm) => replayed.push({ id, connection, text, confirm }))
  return { journal, replayed }
}

const idsOf = (replayed: readonly Replayed[]) => replayed.map(({ id }) => id)
const files = () => readdirSync(folder).map((name) => join(folder, name))
const contents = () =>
  files()
    .map((file) => readFileSync(file, 'utf8'))
    .join('')
const levels = () => log.lines.map(({ level }) => level)

describe('a journal', () => {
  test('gives what it held to the next process, as it was and in order', async () => {
    const { journal } = await open()
    const odd = event('e1', {
      interactive: true,
      subject: 'C1',
      text: '{"id":"e1","text":"line\\u2028 \u{1F40B} 9007199254740993"}',
    })
    await journal.keep(odd, 'acme')
    await journal.keep(event('e2'), 'other')
    const { replayed } = await open()
    expect(replayed).toMatchObject([
      { id: 'e1', connection: 'acme', text: odd.text },
      { id: 'e2', connection: 'other' },
    ])
  })

  test('has an event on disk once it says so', async () => {
    const { journal } = await open()
    await journal.keep(event('e1'), 'acme')
    expect(contents()).toContain('"e1"')
  })

  test('keeps events that come together together, and each for itself', async () => {
    const { journal } = await open()
    const entries = await Promise.all(
      Array.from({ length: 100 }, (_, n) => journal.keep(event(`e${n}`), 'acme')),
    )
    for (const [n, entry] of entries.entries()) if (n % 2 === 0) entry.settle()
    await journal.keep(event('last'), 'acme')
    const { replayed } = await open()
    expect(idsOf(replayed)).toEqual([...Array.from({ length: 50 }, (_, n) => `e${2 * n + 1}`), 'last'])
  })

  test('is empty when all is settled, and gone when it is stopped', async () => {
    const { journal } = await open()
    const entries = [await journal.keep(event('e1'), 'acme'), await journal.keep(event('e2'), 'acme')]
    for (const entry of entries) entry.settle()
    entries[0]?.settle()
    await expect.poll(() => files().map((file) => statSync(file).size)).toEqual([0])
    await journal.keep(event('e3'), 'acme').then((entry) => entry.settle())
    await journal.stop()
    expect(files()).toEqual([])
    expect(log.lines).toEqual([])
  })

  test('leaves on disk what is not settled when it is stopped, and takes nothing more', async () => {
    const { journal } = await open()
    const settled = await journal.keep(event('e1'), 'acme')
    await journal.keep(event('e2'), 'acme')
    settled.settle()
    await journal.stop()
    await expect(journal.keep(event('e3'), 'acme')).rejects.toMatchObject({ code: 'journal-closed' })
    expect(idsOf((await open()).replayed)).toEqual(['e2'])
  })

  test('lets what it took over go when all of it is confirmed, not before', async () => {
    const first = await open()
    await first.journal.keep(event('e1'), 'acme')
    await first.journal.keep(event('e2'), 'acme')
    const second = await open()
    second.replayed[0]?.confirm()
    expect(idsOf((await open()).replayed)).toEqual(['e1', 'e2'])
    const third = await open()
    let isReplayed = false
    const whole = third.journal.replayed().then(() => {
      isReplayed = true
    })
    third.replayed[0]?.confirm()
    await Promise.resolve()
    expect(isReplayed).toBe(false)
    third.replayed[1]?.confirm()
    await whole
    await third.journal.stop()
    expect(idsOf((await open()).replayed)).toEqual([])
  })

  test('does not grow for ever while one event is never settled', async () => {
    const floorBytes = 4_000
    const { journal } = await open({ floorBytes })
    await journal.keep(event('stuck'), 'acme')
    for (let n = 0; n < 200; n++) (await journal.keep(event(`e${n}`), 'acme')).settle()
    expect(files()).toHaveLength(1)
    expect(contents().length).toBeLessThan(2 * floorBytes)
    expect(idsOf((await open()).replayed)).toContain('stuck')
  })

  test.each([
    ['count', { count: 2, bytes: 1_000_000 }],
    ['size', { count: 100, bytes: 40 }],
  ])(
    'refuses more than its bound in %s, and takes events again once some are settled',
    async (_, interactive) => {
      const { journal } = await open({ interactive })
      const entries: JournalEntry[] = []
      let refusal: unknown
      for (let n = 0; n < 10 && refusal === undefined; n++)
        await journal.keep(event(`e${n}`), 'acme').then(
          (entry) => entries.push(entry),
          (error: unknown) => {
            refusal = error
          },
        )
      expect(refusal).toMatchObject({
        code: 'journal-full',
        message: expect.stringContaining(`${entries.length} events`),
      })
      expect(entries.length).toBeGreaterThan(0)
      entries[0]?.settle()
      await journal.keep(event('again'), 'acme')
      expect(idsOf((await open()).replayed)).toContain('again')
    },
  )
})

describe('a journal that a crash cut off', () => {
  test('gives everything before the cut, wherever in the last record that is, and says that something was cut', async () => {
    const { journal } = await open()
    await journal.keep(event('e1'), 'acme')
    const [file = ''] = files()
    const whole = readFileSync(file)
    await journal.keep(event('e2'), 'acme')
    const both = readFileSync(file)
    for (let length = whole.length; length < both.length - 1; length += 7) {
      for (const each of files()) rmSync(each)
      writeFileSync(file, both.subarray(0, length))
      log = recordingLog()
      const { replayed } = await open()
      expect(idsOf(replayed), `cut at ${length}`).toEqual(['e1'])
      expect(levels(), `cut at ${length}`).toEqual(length === whole.length ? ['info'] : ['warn', 'info'])
    }
  })

  test('gives what stands around a damaged record', async () => {
    const { journal } = await open()
    for (const id of ['e1', 'e2', 'e3']) await journal.keep(event(id), 'acme')
    const [file = ''] = files()
    writeFileSync(file, readFileSync(file, 'utf8').replace('"id":"e2"', '"id":"eX"'))
    expect(idsOf((await open()).replayed)).toEqual(['e1', 'e3'])
    expect(levels()).toEqual(['warn', 'info'])
  })
})

describe('journals that share a folder', () => {
  test('lose nothing when one starts while the other lives', async () => {
    const [one, two] = [await open(), await open()]
    await one.journal.keep(event('e1'), 'acme')
    const third = await open()
    expect(idsOf(third.replayed)).toEqual(['e1'])
    await one.journal.keep(event('e2'), 'acme')
    await two.journal.keep(event('e3'), 'acme')
    await third.journal.keep(event('e4'), 'acme')
    expect(new Set(idsOf((await open()).replayed))).toEqual(new Set(['e1', 'e2', 'e3', 'e4']))
  })

  test('lose nothing however many start while all of them write', async () => {
    const journals: DiskJournal[] = []
    const kept: string[] = []
    const replayed: string[] = []
    const write = async (journal: DiskJournal, name: string) => {
      for (let n = 0; n < 20; n++) {
        await journal.keep(event(`${name}.${n}`), 'acme')
        kept.push(`${name}.${n}`)
      }
    }
    const writing: Promise<void>[] = []
    for (let n = 0; n < 8; n++) {
      const started = await open()
      journals.push(started.journal)
      replayed.push(...idsOf(started.replayed))
      writing.push(write(started.journal, `j${n}`))
    }
    await Promise.all(writing)
    const last = await open()
    expect(kept).toHaveLength(160)
    expect(kept.filter((id) => !idsOf(last.replayed).includes(id))).toEqual([])
  })

  test('leave those of another deployment alone', async () => {
    const other = await open({ deployment: 'holdfast.other' })
    await other.journal.keep(event('e1'), 'acme')
    expect(idsOf((await open()).replayed)).toEqual([])
    expect(idsOf((await open({ deployment: 'holdfast.other' })).replayed)).toEqual(['e1'])
  })
})

describe('a journal whose folder can not be written', () => {
  /** Where a folder should be there is a file: nobody can write there, root included. */
  const spoil = () => writeFileSync(folder, '')

  test('says so once at the start, refuses events, and keeps them once it can', async () => {
    spoil()
    const { journal, replayed } = await open()
    expect(replayed).toEqual([])
    for (const id of ['e1', 'e2'])
      await expect(journal.keep(event(id), 'acme')).rejects.toMatchObject({ code: 'journal-unwritable' })
    expect(log.lines).toMatchObject([
      { level: 'warn', message: expect.stringContaining('can not be written') },
    ])
    rmSync(folder)
    await journal.keep(event('e3'), 'acme')
    expect(levels()).toEqual(['warn', 'info'])
    expect(idsOf((await open()).replayed)).toEqual(['e3'])
  })

  test('says nothing where nothing will be kept', async () => {
    const { journal } = await open({ expected: false })
    expect(() => files()).toThrow('ENOENT')
    await journal.stop()
    expect(log.lines).toEqual([])
  })

  test('holds what it had when its file was taken from under it', async () => {
    const { journal } = await open()
    await journal.keep(event('e1'), 'acme')
    rmSync(folder, { recursive: true })
    await journal.keep(event('e2'), 'acme')
    expect(idsOf((await open()).replayed)).toEqual(['e1', 'e2'])
  })

  test('can be read by nobody else', async () => {
    await open()
    expect([folder, ...files()].map((path) => statSync(path).mode & 0o077)).toEqual([0, 0])
  })
})

describe('the marks of units', () => {
  const mark = (fence: number, caughtUpAt = 1_000) => ({
    fence,
    checkpoint: { kind: 'slack-rtm', teamId: 'T1', botUserId: 'U1', caughtUpAt } as const,
  })

  test('are the last word of the process before, and gone once taken back', async () => {
    const { journal } = await open()
    journal.mark('acme', mark(7))
    journal.mark('acme', mark(7, 2_000))
    journal.mark('other', mark(3))
    journal.mark('other', undefined)
    await expect.poll(contents).toContain('2000')
    const next = await open()
    expect(next.journal.marked('acme')).toEqual(mark(7, 2_000))
    expect(next.journal.marked('other')).toBeUndefined()
  })

  test('stay when a file is written anew, and when what it held is settled', async () => {
    const { journal } = await open({ floorBytes: 1_000 })
    journal.mark('acme', mark(7))
    for (let n = 0; n < 50; n++) (await journal.keep(event(`e${n}`), 'acme')).settle()
    expect((await open()).journal.marked('acme')).toEqual(mark(7))
  })

  test('of several processes count by fencing number', async () => {
    const [one, two] = [await open(), await open()]
    two.journal.mark('acme', mark(8))
    await expect.poll(contents).toContain('"fence":8')
    one.journal.mark('acme', mark(7))
    await one.journal.keep(event('e1'), 'acme')
    expect((await open()).journal.marked('acme')).toEqual(mark(8))
  })

  test('keep a file at the stop, and do not when they are taken back', async () => {
    const { journal } = await open()
    journal.mark('acme', mark(7))
    await journal.stop()
    expect(files()).toHaveLength(1)
    const next = await open()
    next.journal.mark('acme', mark(8))
    next.journal.mark('acme', undefined)
    await next.journal.stop()
    expect(files()).toHaveLength(0)
  })
})

describe('a journal for a stream', () => {
  test('keeps as many as there is room for, the first ones, and tells which', async () => {
    const { journal } = await open({ bound: { count: 3, bytes: 1_000 } })
    const offered = ['e1', 'e2', 'e3', 'e4'].map((id) => ({ event: event(id), connection: 'acme' }))
    const entries = await journal.keepAll(offered)
    expect(entries).toHaveLength(3)
    await expect(journal.keepAll(offered.slice(3))).rejects.toMatchObject({ code: 'journal-full' })
    entries[1]?.settle()
    expect(await journal.keepAll(offered.slice(3))).toHaveLength(1)
    expect(idsOf((await open()).replayed)).toEqual(['e1', 'e3', 'e4'])
  })

  test('leaves what a person waits for its room', async () => {
    const { journal } = await open({ bound: { count: 1, bytes: 1_000 } })
    await journal.keepAll([{ event: event('flood'), connection: 'acme' }])
    await journal.keep(event('button'), 'acme')
    expect(idsOf((await open()).replayed)).toEqual(['flood', 'button'])
  })

  test('says how many of what it gives back are older than their dedupe window', async () => {
    const clock = new ManualClock()
    const { journal } = await open({ clock })
    await journal.keep(event('old'), 'acme')
    clock.advance(3_600_001)
    await journal.keep(event('new'), 'acme')
    const { replayed } = await open({ clock })
    expect(idsOf(replayed)).toEqual(['old', 'new'])
    expect(log.lines).toMatchObject([
      { level: 'info', fields: { count: 2 } },
      { level: 'warn', fields: { count: 1 }, message: expect.stringContaining('dedupe window') },
    ])
  })
})

describe('a journal cut off at any byte', () => {
  test('gives what was kept before the cut and not settled before it, in order, and the marks of then', async () => {
    const { journal } = await open()
    const moves = fc.array(
      fc.oneof(
        fc.constant({ kind: 'keep' as const }),
        fc.nat(8).map((n) => ({ kind: 'settle' as const, n })),
        fc.nat(99).map((at) => ({ kind: 'mark' as const, at })),
      ),
      { minLength: 1, maxLength: 12 },
    )
    await journal.stop()
    await fc.assert(
      fc.property(moves, (steps) => {
        /** After each record: its end, and what a reader must find. */
        const states: { end: number; ids: string[]; at: number | undefined }[] = [
          { end: 0, ids: [], at: undefined },
        ]
        let [ids, at, count]: [string[], number | undefined, number] = [[], undefined, 0]
        let file = Buffer.alloc(0)
        for (const step of steps) {
          if (step.kind === 'keep') {
            count += 1
            ids = [...ids, `e${count}`]
          } else if (step.kind === 'settle') ids = ids.filter((id) => id !== `e${step.n}`)
          else at = step.at
          file = Buffer.concat([file, encodeRecord(recordOf(step, count))])
          states.push({ end: file.length, ids, at })
        }
        for (let length = 0; length <= file.length; length++) {
          const read = readJournal(file.subarray(0, length))
          // A line without its line break is whole all the same.
          const state = states.findLast(({ end }) => end <= length + 1)
          expect(read.unsettled.map(({ event: { id } }) => id)).toEqual(state?.ids)
          const checkpoint = read.marks.get('acme')?.checkpoint
          expect(checkpoint?.kind === 'slack-rtm' ? checkpoint.caughtUpAt : undefined).toBe(state?.at)
          expect(read.tornCount).toBe((state?.end ?? 0) < length ? 1 : 0)
        }
      }),
      { numRuns: 25 },
    )
  })

  test('and written on after the cut gives what stands around it', () => {
    const [first, second, third] = ['e1', 'e2', 'e3'].map((id, n) =>
      encodeRecord({ kind: 'keep', n, connection: 'acme', event: event(id) }),
    )
    if (!first || !second || !third) throw new Error('three records')
    for (let length = 1; length < second.length - 1; length++) {
      const bytes = Buffer.concat([first, second.subarray(0, length), Buffer.from('\n'), third])
      const read = readJournal(bytes)
      expect([read.unsettled.map(({ n }) => n), read.tornCount]).toEqual([[0, 2], 1])
    }
  })
})

type Move =
  | { readonly kind: 'keep' }
  | { readonly kind: 'settle'; readonly n: number }
  | { readonly kind: 'mark'; readonly at: number }

function recordOf(move: Move, count: number): JournalRecord {
  if (move.kind === 'keep') return { kind: 'keep', n: count, connection: 'acme', event: event(`e${count}`) }
  if (move.kind === 'settle') return move
  const checkpoint = { kind: 'slack-rtm', teamId: 'T1', botUserId: 'U1', caughtUpAt: move.at } as const
  return { kind: 'mark', unit: 'acme', mark: { fence: 1, checkpoint } }
}
