import type { DiaryReader } from '@holdfast/ledger'
import type { LocalRedis } from '@holdfast/local-redis'
import { type Clock, sleep } from '@holdfast/runtime'
import type { StageAction } from '@holdfast/simulator'
import type { Crew, CrewWorker } from '../demo/crew.ts'
import type { GatewayProcess } from '../demo/gateway-process.ts'
import type { Tell } from './turns.ts'

/** What faults act on. */
export interface FaultStage {
  readonly crew: Pick<Crew, 'workers' | 'generation' | 'kill' | 'roll'>
  readonly gateway: Pick<GatewayProcess, 'child' | 'start' | 'stop'>
  readonly redis: Pick<LocalRedis, 'pause' | 'resume' | 'description' | 'hasEnded'>
  readonly diary: Pick<DiaryReader, 'openOf'>
  /** Told of each process as it is killed. */
  readonly onKill: (pid: number) => void
  readonly clock: Clock
  /** Aborts when all is about to stop: what lasts is cut short. */
  readonly signal: AbortSignal
}

/** Something that can be done to the stage: a button of the strip, a word at the prompt. */
export interface Fault extends StageAction {
  /** How the chart names it. */
  readonly mark: string
  /** Why it can never be done here; undefined where it can. */
  readonly impossible: (stage: FaultStage) => string | undefined
  /** Resolves with one sentence when everything stands again. */
  readonly perform: (stage: FaultStage, tell: Tell) => Promise<string>
}

const PAUSE_MS = 5_000
const TICK_MS = 1_000
const LOOK_MS = 2
const BUSY_WITHIN_MS = 500

/** In the order of the strip. */
export const FAULTS: readonly Fault[] = [
  {
    name: 'kill-worker',
    label: 'Kill a worker',
    help: 'Ends a worker with SIGKILL in the middle of its work; another takes its place.',
    key: 'k',
    mark: 'worker killed',
    impossible: () => undefined,
    perform: killWorker,
  },
  {
    name: 'roll',
    label: 'Roll out the next version',
    help: 'Starts workers of the next version of the bot, then lets the old ones finish and go.',
    key: 'r',
    mark: 'new version',
    impossible: () => undefined,
    perform: roll,
  },
  {
    name: 'restart-gateway',
    label: 'Restart the gateway',
    help: 'Stops the process that holds both connections, and starts another.',
    key: 'g',
    mark: 'gateway restarted',
    impossible: () => undefined,
    perform: restartGateway,
  },
  {
    name: 'pause-redis',
    label: 'Pause Redis',
    help: `Freezes the Redis server for ${PAUSE_MS / 1_000} seconds: it keeps its connections and answers nothing.`,
    key: 'p',
    mark: 'Redis paused',
    impossible: whyNotPaused,
    perform: pauseRedis,
  },
]

async function killWorker(stage: FaultStage, tell: Tell): Promise<string> {
  const { crew, diary, onKill } = stage
  const worker = await busyWorker(stage)
  if (!worker) throw new Error('no worker is running')
  tell(`${worker.name} is killed; another starts`)
  const replaced = crew.kill(worker)
  onKill(worker.pid)
  const [, cutOffCount] = await Promise.all([
    replaced,
    worker.ended.then(() => diary.openOf(worker.pid).size),
  ])
  const events = cutOffCount === 1 ? 'one event' : `${cutOffCount} events`
  const amidst = cutOffCount === 0 ? 'between two events' : `in the middle of ${events}`
  return `${worker.name} (pid ${worker.pid}) was killed ${amidst}; ${crew.workers.at(-1)?.name} took its place`
}

/** One that is in the middle of something, if there is one within a moment: handlers are short. */
async function busyWorker({ crew, diary, clock, signal }: FaultStage): Promise<CrewWorker | undefined> {
  for (let leftMs = BUSY_WITHIN_MS; leftMs > 0 && !signal.aborted; leftMs -= LOOK_MS) {
    const worker = busiest(crew.workers, diary)
    if (worker && diary.openOf(worker.pid).size > 0) return worker
    await sleep(clock, LOOK_MS, signal)
  }
  return busiest(crew.workers, diary)
}

function busiest(workers: readonly CrewWorker[], diary: FaultStage['diary']): CrewWorker | undefined {
  return workers.toSorted((a, b) => diary.openOf(b.pid).size - diary.openOf(a.pid).size)[0]
}

async function roll({ crew }: FaultStage, tell: Tell): Promise<string> {
  const before = crew.generation
  tell(`v${before + 1} starts, then v${before} finishes and goes`)
  const gone = await crew.roll()
  return `v${crew.generation} is at work; ${gone.length} workers of v${before} finished and went`
}

async function restartGateway({ gateway }: FaultStage, tell: Tell): Promise<string> {
  const before = gateway.child?.pid
  tell(`the gateway (pid ${before}) finishes and goes`)
  await gateway.stop()
  tell('another gateway connects')
  await gateway.start()
  return `the gateway (pid ${before}) went; another (pid ${gateway.child?.pid}) is connected to both`
}

function whyNotPaused({ redis: { pause, hasEnded, description } }: FaultStage): string | undefined {
  if (hasEnded) return 'Redis has ended, and with it all that waited: start the demo again'
  if (!pause) return `only a Redis that the demo started itself can be frozen, not ${description}`
  return undefined
}

async function pauseRedis({ redis, clock, signal }: FaultStage, tell: Tell): Promise<string> {
  redis.pause?.()
  try {
    for (let leftMs = PAUSE_MS; leftMs > 0 && !signal.aborted; leftMs -= TICK_MS) {
      tell(`frozen, ${leftMs / 1_000} s left`)
      await sleep(clock, TICK_MS, signal)
    }
  } finally {
    redis.resume?.()
  }
  return `Redis was frozen for ${PAUSE_MS / 1_000} s and goes on`
}
