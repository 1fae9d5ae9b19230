// `npm run fuzz -- --frames N [--seed S] [--transport NAME]`: set-up, then so many fuzzed frames for each transport (or for
// the one named), and a look at what the drivers leave in memory. Without a seed every run is another.
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { ROOT, run, setUp } from './setup.mjs'
import { readWords } from './words.mjs'

const USAGE = `npm run fuzz -- [--frames N] [--seed S] [--transport NAME]
Says fuzzed frames to the drivers of each transport, and looks at what they leave in memory.

  --frames N        how many for each transport; 100000 by default
  --seed S          repeats a run; without it every run is another
  --transport NAME  only rtm, socket-mode or discord`

const { values } = readWords({
  name: 'fuzz',
  usage: USAGE,
  options: {
    frames: { least: 1 },
    seed: { least: 0 },
    transport: { choices: ['rtm', 'socket-mode', 'discord'] },
  },
})
env.HOLDFAST_FUZZ_FRAMES = values.frames ?? '100000'
env.HOLDFAST_FUZZ_SEED = values.seed ?? String(randomInt(2 ** 31))
if (values.transport !== undefined) env.HOLDFAST_FUZZ_TRANSPORT = values.transport

await setUp()
console.log(`fuzz: ${env.HOLDFAST_FUZZ_FRAMES} frames for each transport, seed ${env.HOLDFAST_FUZZ_SEED}`)
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
process.exitCode = await run(execPath, [
  vitest,
  ...['run', '--project', 'unit', 'test/fuzz.test.ts', '--reporter=verbose'],
])
