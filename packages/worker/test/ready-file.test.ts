import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { workerBench } from './worker-bench.ts'

function readyFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-ready-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'ready')
}

test('HOLDFAST_READY_FILE is there once the worker takes events, until it has drained', async () => {
  const file = readyFile()
  const { worker, queue, host } = workerBench({}, { HOLDFAST_READY_FILE: file })
  const seen: boolean[] = []
  queue.declaring = async () => {
    seen.push(existsSync(file))
    return 'noted'
  }
  queue.stopping = async () => {
    seen.push(existsSync(file))
  }
  worker.on('slack.message', () => {})
  const run = worker.run()
  await worker.start()
  // run() waits for the same start, and goes on after it.
  await new Promise((resolve) => setImmediate(resolve))
  host.emit('SIGTERM')
  await run
  seen.push(existsSync(file))
  expect(seen).toEqual([false, true, false])
})

test('one that a killed worker left behind is gone before the next is ready', async () => {
  const file = readyFile()
  writeFileSync(file, '')
  const { worker, host } = workerBench({}, { HOLDFAST_READY_FILE: file })
  worker.on('slack.message', () => {})
  const run = worker.run()
  expect(existsSync(file)).toBe(false)
  host.emit('SIGTERM')
  await run
})

test('one that can not be written stops the worker with one line and exit code 2', async () => {
  const file = join(readyFile(), 'in', 'nowhere')
  const { worker, host } = workerBench({}, { HOLDFAST_READY_FILE: file })
  worker.on('slack.message', () => {})
  await worker.run()
  expect(host.printed).toEqual([
    expect.stringMatching(/^holdfast worker: HOLDFAST_READY_FILE: can't write \S+: ENOENT[^\n]*\n$/),
  ])
  expect(host.exitCode).toBe(2)
})
