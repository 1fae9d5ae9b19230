import { ProblemError } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { timerSet, workerBench } from './worker-bench.ts'

const never = () => new Promise<void>(() => {})

/** A worker that runs in a fake process, started, with one job whose handler never ends. */
async function running(drainMs: number) {
  const bench = workerBench({ drainMs })
  const { worker, queue } = bench
  worker.on('slack.message', never)
  const run = worker.run()
  await worker.start()
  const taken = queue.take()
  return { ...bench, run, taken }
}

const listenerCount = (host: NodeJS.EventEmitter) =>
  host.listenerCount('SIGTERM') + host.listenerCount('SIGINT')

test.each(['SIGTERM', 'SIGINT'])('%s drains, and run resolves with nothing left behind', async (signal) => {
  const { worker, queue, host } = workerBench()
  worker.on('slack.message', () => {})
  const run = worker.run()
  await worker.start()
  expect(listenerCount(host)).toBe(2)
  host.emit(signal)
  await run
  expect(queue.said.at(-1)).toBe('close')
  expect(listenerCount(host)).toBe(0)
  expect(host).toMatchObject({ exitCode: undefined, exited: undefined, printed: [] })
})

test('a signal during the start stops too', async () => {
  const { worker, queue, host } = workerBench()
  queue.declaring = () => new Promise(() => {})
  worker.on('slack.message', () => {})
  const run = worker.run()
  host.emit('SIGTERM')
  await run
  expect(queue.said.at(-1)).toBe('close')
})

test('stop() ends run() as well', async () => {
  const { worker, host } = workerBench()
  worker.on('slack.message', () => {})
  const run = worker.run()
  await worker.stop()
  await run
  expect(listenerCount(host)).toBe(0)
})

test('the second signal gives everything back without patience and exits', async () => {
  const { host, run, taken, clock } = await running(600_000)
  host.emit('SIGTERM')
  await timerSet(clock)
  host.emit('SIGTERM')
  await run
  expect(await taken).toEqual({ kind: 'returned' })
  expect(host.exited).toBe(1)
  expect(clock.monotonicMs()).toBe(0)
})

test('the third signal exits whatever is left', async () => {
  const { host, queue } = await running(600_000)
  queue.stopping = never
  for (let count = 0; count < 3; count += 1) host.emit('SIGINT')
  expect(host.exited).toBe(1)
})

test('a handler that never ends does not keep the process alive after the drain', async () => {
  const { host, run, clock } = await running(0)
  host.emit('SIGTERM')
  await run
  expect(host.exited).toBeUndefined()
  clock.advance(2_000)
  expect(host.exited).toBe(0)
})

test('a Redis that is away at the drain does not keep the process alive either, and shows in the exit code', async () => {
  const { worker, queue, host, clock } = workerBench()
  queue.stopping = never
  worker.on('slack.message', () => {})
  const run = worker.run()
  await worker.start()
  host.emit('SIGTERM')
  await timerSet(clock)
  clock.advance(5_000)
  await run
  expect(host.exitCode).toBe(1)
  clock.advance(2_000)
  expect(host.exited).toBe(1)
})

test('a worker that takes nothing any more drains by itself and exits with 1', async () => {
  const { worker, queue, host, clock, lines } = workerBench({ drainMs: 0 })
  worker.on('slack.message', never)
  const run = worker.run()
  await worker.start()
  const taken = queue.take()
  queue.tellProblem({ code: 'stuck', message: 'nothing is taken' })
  await run
  expect(await taken).toEqual({ kind: 'returned' })
  expect(queue.said.at(-1)).toBe('close')
  expect(lines).toContainEqual(expect.objectContaining({ level: 'error', message: 'nothing is taken' }))
  expect(host).toMatchObject({ exitCode: 1, exited: undefined })
  // The handler that never ends would keep the process alive.
  clock.advance(2_000)
  expect(host.exited).toBe(1)
})

test('a problem at the start is told in one line each, without a stack, and exits with 2', async () => {
  const { worker, queue, host } = workerBench()
  queue.connecting = () => Promise.reject(new ProblemError('redis-unreachable', 'no Redis\nno luck'))
  worker.on('slack.message', () => {})
  await worker.run()
  expect(host.printed).toEqual(['holdfast worker: no Redis\n', 'holdfast worker: no luck\n'])
  expect(host.exitCode).toBe(2)
  expect(listenerCount(host)).toBe(0)
})

test('an error nobody expected at the start is told in one line and exits with 1', async () => {
  const { worker, queue, host } = workerBench()
  queue.connecting = () => Promise.reject(new TypeError('odd'))
  worker.on('slack.message', () => {})
  await worker.run()
  expect(host.printed).toEqual(['holdfast worker: could not start: odd\n'])
  expect(host.exitCode).toBe(1)
})
