import { env } from 'node:process'
import { PLATFORMS } from './fuzzing.ts'
import type { Transport } from './recorded-frames.ts'

const ALL = Object.keys(PLATFORMS) as Transport[]

/** How much is fuzzed: as `npm run fuzz` was asked, else what a test run has time for. */
export const FUZZ = {
  frameCount: Number(env.HOLDFAST_FUZZ_FRAMES ?? 10_000),
  /** A test run has no time to look at the heap, and its other suites would disturb it. */
  watchesHeap: env.HOLDFAST_FUZZ_FRAMES !== undefined,
  seed: Number(env.HOLDFAST_FUZZ_SEED ?? 1),
  transports: ALL.filter((transport) => transport === (env.HOLDFAST_FUZZ_TRANSPORT ?? transport)),
} as const
