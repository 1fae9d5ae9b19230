import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Diary, DiaryReader } from '@holdfast/ledger'
import { ManualClock } from '@holdfast/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { Faults } from '../src/check/faults.ts'
import type { Child, Ending } from '../src/demo/child.ts'

const never = new AbortController().signal

/** A crew of processes that exist only by their ids, over a real diary. */
function stage(pids: readonly number[], options: { onKill?: (pid: number) => void; drains?: Ending } = {}) {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-faults-'))
  const path = join(folder, 'diary.jsonl')
  const [diary, reader, clock] = [new Diary(path), new DiaryReader(path), new ManualClock()]
  onTestFinished(() => {
    diary.close()
    reader.close()
    rmSync(folder, { recursive: true, force: true })
  })
  const done: string[] = []
  const note = (what: string) => void done.push(what)
  let workers = pids.map((pid) => ({ pid, ended: Promise.resolve() }) as unknown as Child)
  const crew = {
    get workers() {
      return workers
    },
    kill: async (worker: Child) => {
      note(`kill ${worker.pid}`)
      workers = workers.filter((other) => other !== worker)
      options.onKill?.(worker.pid)
    },
    roll: async () => [options.drains ?? { code: 0, signal: null }],
  }
  const gateway = { stop: async () => note('stop gateway'), start: async () => note('start gateway') }
  const faults = new Faults({ crew, gateway, diary: reader, clock, say: () => {} })
  const line = (what: 'begin' | 'end', key: string, pid: number) =>
    diary.write(what === 'begin' ? { what, key, pid, at: 0, delivery: 'live' } : { what, key, pid, at: 0 })
  return { faults, clock, done, line }
}

/** Lets time pass until `work` is settled. */
async function settled(work: Promise<unknown>, clock: ManualClock): Promise<void> {
  const end = work.then(
    () => 'settled',
    () => 'settled',
  )
  const turn = () => new Promise<string>((resolve) => setImmediate(() => resolve('turn')))
  while ((await Promise.race([end, turn()])) === 'turn') clock.advance(50)
}

test('kills the worker that is in the middle of a job, and counts it', async () => {
  const { faults, clock, done, line } = stage([1, 2])
  line('begin', 'a', 1)
  line('end', 'a', 1)
  line('begin', 'b', 2)
  await settled(faults.run(['kill'], 100, never), clock)
  expect(done).toEqual(['kill 2'])
  expect(faults.killCount).toBe(1)
  expect([...faults.killedAt.keys()]).toEqual([2])
})

test('does not count a kill that came when the job had just ended, and tries again', async () => {
  const { faults, clock, done, line } = stage([1, 2], { onKill: (pid) => pid === 1 && line('end', 'a', 1) })
  line('begin', 'a', 1)
  line('begin', 'b', 2)
  await settled(faults.run(['kill'], 100, never), clock)
  expect(done).toEqual(['kill 1', 'kill 2'])
  expect(faults.killCount).toBe(1)
})

test('starts the new gateway when the old one has stopped', async () => {
  const { faults, clock, done } = stage([])
  await settled(faults.run(['restart-gateway'], 100, never), clock)
  expect(done).toEqual(['stop gateway', 'start gateway'])
})

test('fails when a rolled worker did not drain cleanly', async () => {
  const { faults, clock } = stage([], { drains: { code: 1, signal: null } })
  const run = faults.run(['roll'], 100, never)
  await settled(run, clock)
  await expect(run).rejects.toThrow('a worker did not drain cleanly: [{"code":1,"signal":null}]')
})

test('fails when no worker is ever in the middle of a job', async () => {
  const { faults, clock } = stage([1])
  const run = faults.run(['kill'], 100, never)
  await settled(run, clock)
  await expect(run).rejects.toThrow('no worker was in a job for 30000 ms')
})

test('ends early when told to', async () => {
  const { faults, clock, done } = stage([1])
  const end = new AbortController()
  const run = faults.run(['kill', 'restart-gateway'], 100, end.signal)
  clock.advance(200)
  end.abort()
  await run
  expect(done).toEqual([])
})
