import { join } from 'node:path'
import { type DiaryLine, DiaryReader, judge, type Verdict } from '@holdfast/ledger'
import { type Clock, EXIT, INTENT_NAMES, messageOf, sleep } from '@holdfast/runtime'
import type { Terminal } from '../command.ts'
import { type Backstage, type BackstageOptions, startBackstage } from '../demo/backstage.ts'
import { moduleBeside } from '../demo/child.ts'
import { linesOfProgress } from '../demo/progress.ts'
import { createRunFolder } from '../demo/run-folder.ts'
import { SimulatorClient } from '../demo/simulator-client.ts'
import { type CorpusPayload, readCorpus } from './corpus.ts'
import { countAnswers, cutOffs, sentEvents, turns } from './evidence.ts'
import { type Fault, Faults } from './faults.ts'
import { Stream } from './stream.ts'

/** How much is sent and what is done to the stage meanwhile. */
export interface CheckSize {
  readonly leastCount: number
  readonly perSecond: number
  readonly channelCount: number
  readonly plan: readonly Fault[]
  readonly pauseMs: number
}

export const FULL_CHECK: CheckSize = {
  leastCount: 2_400,
  perSecond: 80,
  channelCount: 6,
  plan: ['kill', 'kill', 'roll', 'kill', 'restart-gateway', 'kill', 'kill', 'roll', 'kill'],
  pauseMs: 2_000,
}

export const SHORT_CHECK: CheckSize = {
  leastCount: 500,
  perSecond: 60,
  channelCount: 3,
  plan: ['kill', 'roll', 'restart-gateway', 'kill'],
  pauseMs: 1_000,
}

/** After the stream, for what still waits: the worst return of a dead worker's jobs, and some. */
const SETTLE_MS = 60_000
/** A second answer would come within this, if at all. */
const QUIET_MS = 2_000
const LOOK_MS = 500
const SHOWN_FINDINGS = 20

const KEPT =
  'passed: all that was sent was handled, once and in order, but for what lies in announced gaps; each message was answered once'

export interface CheckOptions {
  readonly size: CheckSize
  /** The project's `.holdfast`. */
  readonly folder: string
  /** Where payloads to replay may be, the wanted one first. */
  readonly corpusFolders: readonly string[]
  readonly terminal: Terminal
  /** Aborts when the check is to be given up. */
  readonly signal: AbortSignal
  readonly clock: Clock
}

/**
 * Runs a bot under load while its workers are killed and rolled and its gateway is restarted, then compares what the
 * platforms sent with what became of it. The last line printed is the verdict as JSON; resolves with 0 only if nothing
 * was lost, repeated or out of order.
 */
export async function runCheck(options: CheckOptions): Promise<number> {
  const { terminal, clock, signal } = options
  const startedMs = clock.monotonicMs()
  const corpus = readCorpus(options.corpusFolders)
  terminal.out(`payloads to replay: ${corpus.payloads.length} from ${corpus.folder}`)
  const folder = await createRunFolder(options.folder)
  const diaryFile = join(folder, 'diary.jsonl')
  const diary = new DiaryReader(diaryFile)
  const backstage = await startBackstage(backstageOptions(options, folder, diaryFile))
  try {
    const outcome = await perform(options, backstage, diary, corpus.payloads)
    if (signal.aborted) {
      terminal.err('holdfast: the check was interrupted; it proves nothing')
      return EXIT.crash
    }
    const seconds = Math.round((clock.monotonicMs() - startedMs) / 100) / 10
    return report(options, outcome, seconds)
  } finally {
    await backstage.stop()
    diary.close()
  }
}

function backstageOptions(options: CheckOptions, folder: string, diaryFile: string): BackstageOptions {
  const { terminal, clock, size } = options
  return {
    folder,
    redisFolder: join(options.folder, 'redis'),
    channelCount: size.channelCount,
    prefix: `{holdfast-check-${process.pid}}`,
    intents: INTENT_NAMES,
    crew: {
      size: 2,
      module: moduleBeside(import.meta.url, 'worker-process.js'),
      env: () => ({ HOLDFAST_CHECK_DIARY: diaryFile }),
    },
    env: terminal.env,
    progress: linesOfProgress(terminal.out, clock),
    onTrouble: terminal.out,
    clock,
  }
}

interface Performance {
  readonly verdict: Verdict
  readonly killCount: number
  /** Why the faults could not be gone through. */
  readonly trouble?: string
}

/** On return nothing is being sent or broken any more, also after an abort or a failure. */
async function perform(
  { size, terminal, signal, clock }: CheckOptions,
  { simulator, platforms, crew, gateway }: Backstage,
  diary: DiaryReader,
  payloads: readonly CorpusPayload[],
): Promise<Performance> {
  const client = new SimulatorClient(platforms.url)
  const stream = new Stream({ client, platforms, payloads, perSecond: size.perSecond, clock })
  const faults = new Faults({ crew, gateway, diary, clock, say: terminal.out })
  terminal.out(`sending ${size.perSecond} events a second …`)
  const trouble = await sendMeanwhile(
    (enough, end) => stream.run(size.leastCount, enough, end),
    (end) => faults.run(size.plan, size.pauseMs, end),
    signal,
  )
  terminal.out(`sent ${stream.count} events; waiting for the last to be handled …`)

  const bots = { slack: platforms.slack.bot, discord: platforms.discord.bot }
  const lines: DiaryLine[] = []
  const look = () => {
    lines.push(...diary.next())
    return judge({
      sent: sentEvents(simulator.record.of('event'), stream.notes, bots),
      cutOffs: cutOffs(simulator.record.of('socket')),
      turns: turns(simulator.record.of('resume'), simulator.record.of('session-end')),
      diary: lines,
      answers: countAnswers(simulator.record.of('post')),
      killedAt: faults.killedAt,
    })
  }
  await settle(look, signal, clock)
  const verdict = look()
  return { verdict, killCount: faults.killCount, ...(trouble === undefined ? {} : { trouble }) }
}

/**
 * Sends until everything planned was broken. Resolves when both are over, with the reason if the faults could not be gone
 * through: what was sent is judged all the same. Rejects if sending failed.
 */
async function sendMeanwhile(
  send: (enough: () => boolean, end: AbortSignal) => Promise<void>,
  breakThings: (end: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<string | undefined> {
  const failed = new AbortController()
  const end = AbortSignal.any([signal, failed.signal])
  let broken = false
  const breaking = breakThings(end)
    .then(() => undefined, messageOf)
    .finally(() => {
      broken = true
    })
  try {
    await send(() => broken, end)
  } catch (error) {
    failed.abort()
    await breaking
    throw error
  }
  return breaking
}

/** Resolves when nothing is missing any more, or at the end of all patience, and a little later. */
async function settle(look: () => Verdict, signal: AbortSignal, clock: Clock): Promise<void> {
  const deadlineMs = clock.monotonicMs() + SETTLE_MS
  while (!signal.aborted && clock.monotonicMs() < deadlineMs && look().lost > 0) {
    await sleep(clock, LOOK_MS, signal)
  }
  await sleep(clock, QUIET_MS, signal)
}

function report({ size, terminal }: CheckOptions, outcome: Performance, seconds: number): number {
  const { verdict, killCount: kills, trouble } = outcome
  const { findings, ...counts } = verdict
  if (trouble !== undefined) terminal.out(`the check could not be gone through: ${trouble}`)
  for (const finding of findings.slice(0, SHOWN_FINDINGS)) terminal.out(finding)
  if (findings.length > SHOWN_FINDINGS)
    terminal.out(`… and ${findings.length - SHOWN_FINDINGS} more findings`)
  const performed = trouble === undefined && counts.sent >= size.leastCount
  const passed = performed && counts.lost + counts.repeated + counts.reordered === 0
  terminal.out(passed ? KEPT : 'failed: the promise was not kept, or not put to the test')
  terminal.out(JSON.stringify({ ...counts, kills, seconds }))
  return passed ? EXIT.clean : EXIT.crash
}
