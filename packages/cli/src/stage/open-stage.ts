import { join } from 'node:path'
import { DiaryReader, type GapLine } from '@holdfast/ledger'
import { createQueueView } from '@holdfast/queue'
import type { Clock } from '@holdfast/runtime'
import type { StageLink } from '@holdfast/simulator'
import type { Backstage } from '../demo/backstage.ts'
import { CONNECTIONS } from '../demo/gateway-config.ts'
import { Books } from './books.ts'
import type { DemoStage } from './demo-stage.ts'
import { takeSamples } from './sampler.ts'
import type { Timeline } from './timeline.ts'
import type { Turns } from './turns.ts'

export interface OpenStageOptions {
  readonly stage: DemoStage
  readonly timeline: Timeline
  readonly turns: Turns
  readonly backstage: Backstage
  /** Of this run: the diary is there. */
  readonly folder: string
  readonly subscription: string
  readonly prefix: string
  /** Aborts when all is about to stop. */
  readonly signal: AbortSignal
  readonly clock: Clock
}

/** The stage is open: what runs can be seen and broken. */
export interface OpenedStage {
  readonly books: Books
  /** Resolves when nothing is being done to the stage any more and nobody looks at it. To be called after the abort. */
  close(): Promise<void>
}

/** The diary of the bot's handlers, in the folder of this run. */
export function diaryIn(folder: string): string {
  return join(folder, 'diary.jsonl')
}

/** Binds the stage to what runs behind it. */
export function openStage(options: OpenStageOptions): OpenedStage {
  const { stage, turns, backstage, prefix, signal, clock } = options
  const { redis, gateway, crew } = backstage
  const diary = new DiaryReader(diaryIn(options.folder))
  const books = openBooks(options, diary)
  const view = createQueueView({ redis: { url: redis.url }, prefix, clock })
  const sampling = takeSamples({ ...options, view, gateway, books, isBroken: () => turns.busy }, signal)
  stage.open({
    redis,
    gateway,
    crew,
    diary,
    clock,
    signal,
    onKill: (pid) => books.killed(pid, clock.wallAt()),
    ledger: () => books.page(clock.wallAt()),
    links: linksOf(backstage),
  })
  return {
    books,
    async close() {
      await turns.over()
      await view.stop()
      await sampling
      books.close()
      diary.close()
    },
  }
}

function linksOf({ consoleUrl, gateway }: Backstage): readonly StageLink[] {
  const readiness = { label: 'Gateway readiness', url: `${gateway.address}/readyz` }
  return consoleUrl === undefined ? [readiness] : [{ label: 'Console', url: consoleUrl }, readiness]
}

function openBooks({ backstage, timeline }: OpenStageOptions, diary: DiaryReader): Books {
  const { simulator, platforms } = backstage
  return new Books({
    record: simulator.record,
    diary,
    bots: {
      slack: { ids: platforms.slack.botIds, connection: CONNECTIONS.slack },
      discord: { ids: platforms.discord.botIds, connection: CONNECTIONS.discord },
    },
    onGap: (gap) => markGap(gap, timeline),
  })
}

function markGap({ connection, fromAt, toAt }: GapLine, timeline: Timeline): void {
  const platform = connection === CONNECTIONS.slack ? 'slack' : 'discord'
  const where = platform === 'slack' ? 'Slack' : 'Discord'
  const seconds = ((toAt - fromAt) / 1_000).toFixed(1)
  const detail = `What was said on ${where} in these ${seconds} s may be missing; the bot was told with a holdfast.gap event.`
  timeline.mark({ at: fromAt, endedAt: toAt, kind: 'gap', label: `gap on ${where}`, detail, platform })
}
