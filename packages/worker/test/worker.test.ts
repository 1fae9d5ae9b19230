import { expect, test } from 'vitest'
import { HeldJob } from './taken-job.ts'
import { timerSet, workerBench } from './worker-bench.ts'

const never = () => new Promise<void>(() => {})
const untilAborted = ({ signal }: { signal: AbortSignal }) =>
  new Promise<void>((_, reject) => signal.addEventListener('abort', () => reject(signal.reason)))

test('takes jobs first, then declares its wishes, and is started when gateways have noted them', async () => {
  const { worker, queue } = workerBench({ order: 'actor' })
  worker.on('slack.message', () => {}).on('discord.*', () => {})
  await worker.start()
  expect(queue.said).toEqual(['connect', 'start', 'declare'])
  expect(queue.declaration).toEqual({
    subscription: 'commands',
    patterns: ['slack.message', 'discord.*'],
    order: 'actor',
  })
  await worker.stop()
})

test('declares the events of its options instead of those of its handlers', async () => {
  const { worker, queue } = workerBench({ events: ['slack.*'] })
  worker.on('slack.message', () => {})
  await worker.start()
  expect(queue.declaration?.patterns).toEqual(['slack.*'])
})

test('warns where a handler is for a platform without a token, and says where to put it', async () => {
  const { worker, lines } = workerBench()
  worker.on('slack.message', () => {}).on('holdfast.gap', () => {})
  await worker.start()
  const warnings = lines.filter(({ level }) => level === 'warn')
  expect(warnings.map(({ message }) => message)).toEqual([
    'no slack token: the handler of "slack.message" can neither reply nor use ctx.slack; set SLACK_BOT_TOKEN, or platforms.slack.token of createWorker, and restart',
  ])
})

test('a handler that comes after the start is refused, for nobody knows that it wishes for events', async () => {
  const { worker } = workerBench()
  worker.on('slack.message', () => {})
  await worker.start()
  expect(() => worker.on('slack.app_mention', () => {})).toThrow(
    'register every handler before run() or start()',
  )
})

test('starts although a gateway is late, and says so', async () => {
  const { worker, queue, lines } = workerBench()
  queue.declaring = async () => 'late'
  worker.on('slack.message', () => {})
  await worker.start()
  expect(lines).toContainEqual(expect.objectContaining({ level: 'warn' }))
})

test.each([
  ['warns that another worker died', 'worker-died', 'warn'],
  ['tells a lost lock as an error', 'lost-lock', 'error'],
  ['warns that Redis went away', 'redis-away', 'warn'],
  ['tells that Redis is back', 'redis-back', 'info'],
] as const)('%s', async (_, code, level) => {
  const { worker, queue, lines } = workerBench()
  worker.on('slack.message', () => {})
  await worker.start()
  queue.tellProblem({ code, message: 'what happened' })
  expect(lines.at(-1)).toMatchObject({ level, message: 'what happened', facts: { code } })
})

test('says once that it waits for Redis, and starts when Redis is there', async () => {
  const { worker, queue, lines } = workerBench()
  let arrive: () => void = () => {}
  queue.connecting = ({ onAway }) => {
    onAway('Redis does not answer')
    return new Promise((resolve) => {
      arrive = resolve
    })
  }
  worker.on('slack.message', () => {})
  const starting = worker.start()
  expect(queue.said).toEqual(['connect'])
  expect(lines.map(({ level, message }) => [level, message])).toEqual([
    ['warn', 'Redis does not answer; waiting for it'],
  ])
  arrive()
  await starting
  expect(queue.said).toEqual(['connect', 'start', 'declare'])
  await worker.stop()
})

test('a stop ends the wait for Redis, and nothing is started any more', async () => {
  const { worker, queue } = workerBench()
  const waits: AbortSignal[] = []
  queue.connecting = ({ signal }) => {
    waits.push(signal)
    return never()
  }
  worker.on('slack.message', () => {})
  const starting = worker.start()
  await worker.stop()
  await starting
  expect(queue.said).toEqual(['connect', 'close'])
  expect(waits.map(({ aborted }) => aborted)).toEqual([true])
})

test('start and stop may be called twice', async () => {
  const { worker, queue } = workerBench()
  worker.on('slack.message', () => {})
  await Promise.all([worker.start(), worker.start()])
  await Promise.all([worker.stop(), worker.stop()])
  await worker.stop()
  expect(queue.said).toEqual(['connect', 'start', 'declare', 'pause', 'abort', 'stop', 'close'])
})

test('stops without ever having been started', async () => {
  const { worker, queue } = workerBench()
  await worker.stop()
  await worker.start().catch(() => {})
  expect(queue.said).not.toContain('start')
})

test('a stop during the start does not wait for gateways', async () => {
  const { worker, queue } = workerBench()
  queue.declaring = () => new Promise(() => {})
  worker.on('slack.message', () => {})
  const starting = worker.start()
  while (!queue.said.includes('declare')) await new Promise((resolve) => setImmediate(resolve))
  await worker.stop()
  await starting
  expect(queue.said.at(-1)).toBe('close')
})

test('a start that fails leaves nothing open', async () => {
  const { worker, queue } = workerBench()
  queue.connecting = () => Promise.reject(new Error('Redis is away'))
  worker.on('slack.message', () => {})
  await expect(worker.start()).rejects.toThrow('Redis is away')
  await worker.stop()
  expect(queue.said).toEqual(['connect', 'close'])
})

test('tells everything that is wrong at once, before it opens anything', async () => {
  const { worker, queue } = workerBench({ subscription: 'My Bot', concurrency: 0 })
  worker.on('slak.message', () => {})
  const lines = await worker.start().then(
    () => [],
    (error: Error) => error.message.split('\n'),
  )
  expect(lines).toEqual([
    expect.stringMatching(/subscription is "My Bot".*for example "my-bot"/),
    expect.stringContaining('option concurrency is 0'),
    expect.stringMatching(/"slak.message".*did you mean "slack.message"\?/),
  ])
  expect(queue.said).toEqual([])
})

test('a drain lets running handlers finish', async () => {
  const { worker, queue, clock } = workerBench()
  let finish = () => {}
  const finished = new Promise<void>((resolve) => {
    finish = resolve
  })
  worker.on('slack.message', () => finished)
  await worker.start()
  const taken = queue.take()
  const stopping = worker.stop()
  await timerSet(clock)
  finish()
  await stopping
  expect(await taken).toEqual({ kind: 'completed' })
  expect(queue.said.slice(3)).toEqual(['pause', 'abort', 'stop', 'close'])
  expect(clock.timerCount).toBe(0)
})

test('after drainMs the signals abort, and handlers that heed them give their jobs back', async () => {
  const { worker, queue, clock } = workerBench({ drainMs: 3_000 })
  worker.on('slack.message', (_, ctx) => untilAborted(ctx))
  await worker.start()
  const taken = queue.take()
  const stopping = worker.stop()
  await timerSet(clock, 2)
  clock.advance(2_999)
  expect(queue.said).not.toContain('abort')
  clock.advance(1)
  expect(await taken).toEqual({ kind: 'returned' })
  await stopping
  expect(clock.timerCount).toBe(0)
})

test('fifty jobs whose handlers ignore their signal are back within a second of the deadline, in their order', async () => {
  const { worker, queue, clock } = workerBench({ drainMs: 3_000 })
  worker.on('slack.message', never)
  await worker.start()
  const back: number[] = []
  const taken = Array.from({ length: 50 }, async (_, number) => {
    expect(await queue.take(new HeldJob())).toEqual({ kind: 'returned' })
    back.push(number)
  })
  const stopping = worker.stop()
  await timerSet(clock, 51)
  clock.advance(3_000)
  await timerSet(clock, 51)
  expect(back).toEqual([])
  clock.advance(999)
  await Promise.all(taken)
  expect(back).toEqual(Array.from({ length: 50 }, (_, number) => number))
  await stopping
  expect(await worker.stopped).toEqual({ clean: true, abandonedCount: 50, stuck: false })
})

test('with drainMs 0 every job is given back at once', async () => {
  const { worker, queue, clock } = workerBench({ drainMs: 0 })
  worker.on('slack.message', never)
  await worker.start()
  const taken = [queue.take(), queue.take(new HeldJob())]
  await worker.stop()
  expect(await Promise.all(taken)).toEqual([{ kind: 'returned' }, { kind: 'returned' }])
  expect(clock.monotonicMs()).toBe(0)
})

test('does not wait for a Redis that is away for ever', async () => {
  const { worker, queue, clock, lines } = workerBench()
  queue.stopping = never
  worker.on('slack.message', () => {})
  await worker.start()
  const stopping = worker.stop()
  await timerSet(clock)
  clock.advance(5_000)
  await stopping
  expect(await worker.stopped).toMatchObject({ clean: false })
  expect(lines.at(-1)).toMatchObject({
    level: 'error',
    message: expect.stringContaining('after the lock time'),
  })
})

test('declares what its options and handlers say, and tells that it is for development', async () => {
  const { worker, queue, lines } = workerBench({ dev: true, maxWaiting: 7, maxIdleMs: 9 })
  worker.on('slack.message', () => {}).on('slack.reaction_added', () => {}, { order: 'none' })
  await worker.start()
  expect(queue.declaration).toEqual({
    subscription: 'commands',
    patterns: ['slack.message', 'slack.reaction_added'],
    order: 'conversation',
    orders: [{ pattern: 'slack.message' }, { pattern: 'slack.reaction_added', order: 'none' }],
    devExpiryMs: 600_000,
    maxWaiting: 7,
    maxIdleMs: 9,
  })
  expect(lines.map(({ message }) => message)).toContain(
    'takes events; development: the subscription is removed after 10 min without a worker, unless a worker declares it without dev',
  )
  await worker.stop()
})

test('names a handler that holds its conversation while others wait, once, and only while it runs', async () => {
  const { worker, queue, clock, lines } = workerBench({ laneHoldMs: 60_000, drainMs: 0 })
  worker.on('slack.message', never)
  await worker.start()
  const taken = queue.take()
  await timerSet(clock)
  const look = async () => {
    clock.advance(60_000)
    await new Promise((resolve) => setImmediate(resolve))
  }
  await look()
  queue.blocking = [{ id: 'job.1', type: 'slack.message', lane: 'C1', heldMs: 120_000, waitingCount: 3 }]
  await look()
  expect(lines.at(-1)).toMatchObject({
    level: 'warn',
    message:
      "the handler of slack.message holds its conversation for 60 s, 3 events wait behind it: call ctx.leaveLane() or ctx.sleep, or give the handler order: 'none'",
  })
  const count = lines.length
  await look()
  expect(lines).toHaveLength(count)
  await worker.stop()
  await taken
  expect(clock.timerCount).toBe(0)
})
