// `npm run first-answer`: from `git clone` to the first answer of the bot in a browser, as a stranger would get there.
// `--cold` gives npm an empty cache. What is measured is what is committed.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { argv, env } from 'node:process'
import { ChatPage } from './browser/chat-page.mjs'
import { obtainChromium } from './browser/chromium.mjs'
import { runProgram } from './browser/debian.mjs'
import { startDemo } from './browser/demo-process.mjs'
import { launchChromium } from './browser/launch.mjs'
import { StepClock } from './browser/step-clock.mjs'
import { ROOT, setUp } from './setup.mjs'

/** What the demo prints when a step of its own is over. */
const PRINTED = /** @type {const} */ ([
  ['packages', /packages[^\n]*(done|\d s\))/],
  ['build', /build[^\n]*(done|\d s\))/],
  ['Redis', /✓ Redis/],
  ['platforms', /✓ simulated/],
  ['gateway', /✓ gateway/],
  ['workers', /✓ workers/],
  ['console', /✓ console/],
])

await setUp()
const chromium = await obtainChromium()
if (chromium.found) process.exitCode = await measureIn(chromium.program)
else {
  console.error(`holdfast: the first answer is seen in a browser: ${chromium.advice}`)
  process.exitCode = 1
}

/** @param {string} program */
async function measureIn(program) {
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-first-answer-'))
  const cold = argv.includes('--cold')
  console.log(
    `holdfast: npm cache ${cold ? 'empty' : 'as it is'}, Redis as on this machine, Chromium here before`,
  )
  const browser = await launchChromium(program)
  try {
    const steps = new StepClock()
    await clone(folder, steps)
    const cache = cold ? { npm_config_cache: join(folder, 'npm-cache') } : {}
    await reachAnswer(join(folder, 'holdfast'), cache, browser, steps)
    console.log(steps.table())
    return 0
  } finally {
    await browser.close()
    await rm(folder, { recursive: true, force: true })
  }
}

/**
 * @param {string} folder
 * @param {StepClock} steps
 */
async function clone(folder, steps) {
  const { code, stderr } = await runProgram(
    'git',
    ['clone', '-q', `file://${ROOT}`, join(folder, 'holdfast')],
    { env },
  )
  if (code !== 0) throw new Error(`git clone failed: ${stderr.trim()}`)
  steps.over('git clone')
}

/**
 * @param {string} project a clone
 * @param {NodeJS.ProcessEnv} moreEnv
 * @param {import('playwright-core').Browser} browser
 * @param {StepClock} steps
 */
async function reachAnswer(project, moreEnv, browser, steps) {
  const command = ['npm', 'run', 'demo', '--', '--no-open']
  const demo = startDemo(command, { cwd: project, env: moreEnv, onText: tellSteps(steps) })
  try {
    const address = await demo.address
    steps.over('address printed')
    const chat = new ChatPage(await browser.newPage())
    await chat.open(address)
    steps.over('page open')
    await chat.pane('Slack').getByRole('button', { name: 'Say hello' }).click()
    await chat.answers('Slack').first().waitFor()
    steps.over('click to answer')
  } finally {
    await demo.stop()
  }
}

/** @param {StepClock} steps */
function tellSteps(steps) {
  let text = ''
  const open = new Map(PRINTED)
  return (/** @type {string} */ chunk) => {
    text += chunk
    for (const [name, line] of open) {
      if (!line.test(text)) continue
      steps.over(name)
      open.delete(name)
    }
  }
}
