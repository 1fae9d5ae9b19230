// `npm run proof`: set-up, then the fast-return tests at their full size. About three minutes; quiet machines only.
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { ROOT, run, setUp } from './setup.mjs'
import { readWords } from './words.mjs'

const USAGE = `npm run proof
Runs the fast-return tests at their full size, against a gateway, a simulator and a Redis of their own.
About three minutes; on a quiet machine only. It takes no options.`

readWords({ name: 'proof', usage: USAGE })

await setUp()
env.HOLDFAST_FULL = '1'
const vitest = join(ROOT, 'node_modules/vitest/vitest.mjs')
process.exitCode = await run(execPath, [vitest, 'run', '--project', 'e2e', 'test/e2e/fast-return.test.ts'])
