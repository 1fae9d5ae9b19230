// `npm run fuzz -- --frames N [--seed S] [--transport NAME]`: set-up, then so many fuzzed frames for each transport (or for
// the one named), and a look at what the drivers leave in memory. Without a seed every run is another.
import { randomInt } from 'node:crypto'
import { join } from 'node:path'
import { argv, env, execPath } from 'node:process'
import { parseArgs } from 'node:util'
import { ROOT, run, setUp } from './setup.mjs'

const { values } = parseArgs({
  args: argv.slice(2),
  options: { frames: { type: 'string' }, seed: { type: 'string' }, transport: { type: 'string' } },
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
