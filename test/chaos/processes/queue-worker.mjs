/*
 * The worker of the stage without platforms: takes events that a test put on the queue itself, and notes in a trace what its
 * handlers do. What they do is told by the event: see test/chaos/work.ts.
 */
import { once } from 'node:events'
import { closeSync, openSync, writeSync } from 'node:fs'
import { env, kill, pid } from 'node:process'
import { setTimeout as after } from 'node:timers/promises'
import { createWorker } from '@holdfast/worker'

const {
  HOLDFAST_CHAOS_TRACE = '',
  HOLDFAST_CHAOS_WORKER = '{}',
  HOLDFAST_CHAOS_SPARE,
  HOLDFAST_CHAOS_GENERATION,
} = env

const isFirst = HOLDFAST_CHAOS_GENERATION === '1'
const trace = openSync(HOLDFAST_CHAOS_TRACE, 'a')
const worker = createWorker({ subscription: 'chaos', platforms: {}, ...JSON.parse(HOLDFAST_CHAOS_WORKER) })

worker.on('slack.message', async ({ data }, ctx) => {
  const work = /** @type {any} */ (data)
  note('begin', work, { attempt: ctx.attempt })
  await ways[/** @type {keyof typeof ways} */ (work.way)](work, ctx)
  note('end', work)
})

/**
 * What a handler does: the ways of test/chaos/work.ts.
 *
 * @typedef {{ n: number, lane: number, ms: number, steps: number }} Work
 * @typedef {import('@holdfast/worker').Context} Context
 */
const ways = {
  /** @param {Work} work @param {Context} ctx */
  async steps(work, ctx) {
    const partMs = work.ms / (work.steps + 1)
    for (let step = 1; step <= work.steps; step += 1) {
      await ctx.step(`${step}`, async () => {
        note('ran', work, { name: `${step}` })
        await after(partMs)
      })
      note('got', work, { name: `${step}` })
    }
    await after(partMs)
  },

  /** @param {Work} work @param {Context} ctx */
  async sleep(work, ctx) {
    await noteOnce('before', work, ctx)
    note('pause', work)
    await ctx.sleep('nap', work.ms)
    note('woken', work)
    await noteOnce('after', work, ctx)
  },

  /** @param {Work} work @param {Context} ctx */
  async wait(work, ctx) {
    await noteOnce('before', work, ctx)
    note('pause', work)
    const given = await ctx.waitFor('go', 'slack.message', {
      where: /** @type {any} */ ({ data: { go: work.n } }),
      timeoutMs: work.ms,
    })
    note('woken', work)
    const by = given === undefined ? 'nothing' : `${/** @type {any} */ (given.data).n}`
    await noteOnce(`given ${by}`, work, ctx)
  },

  async go() {},

  /** @param {Work} work @param {Context} ctx */
  async heed({ ms }, ctx) {
    if (isFirst) await after(ms, undefined, { signal: ctx.signal })
  },

  /** @param {Work} work */
  async ignore({ ms }) {
    if (isFirst) await after(ms)
  },
}

/**
 * A step, and that its result came.
 *
 * @param {string} name
 * @param {Work} work
 * @param {Context} ctx
 */
async function noteOnce(name, work, ctx) {
  await ctx.step(name, () => note('ran', work, { name }))
  note('got', work, { name })
}

/**
 * On return the line is with the operating system, and whole.
 *
 * @param {string} what
 * @param {Work} work
 * @param {{ name?: string, attempt?: number }} more
 */
function note(what, { n, lane }, more = {}) {
  writeSync(trace, `${JSON.stringify({ what, n, lane, pid, at: Date.now(), ...more })}\n`)
}

// Whoever started it is gone. Waiting for that keeps nothing alive.
process.once('disconnect', () => kill(pid, 'SIGKILL'))
if (!process.connected) kill(pid, 'SIGKILL')

if (HOLDFAST_CHAOS_SPARE !== undefined) {
  const wanted = once(process, 'message')
  process.send?.('loaded')
  await wanted
}
process.channel?.unref()

const running = worker.run()
await worker.start()
process.send?.('ready')
await running
closeSync(trace)
