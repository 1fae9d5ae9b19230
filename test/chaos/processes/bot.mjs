/*
 * The bot of the chaos stage: a worker as anyone would write it, whose handlers also note in a diary what they do. What
 * they do is told by the text of the message: see test/chaos/numbered.ts.
 */
import { env, kill, pid } from 'node:process'
import { setTimeout as after } from 'node:timers/promises'
import { Diary } from '@holdfast/ledger'
import { createWorker } from '@holdfast/worker'

const {
  HOLDFAST_CHAOS_DIARY = '',
  HOLDFAST_CHAOS_REDIS,
  HOLDFAST_CHAOS_TOKENS = '{}',
  HOLDFAST_CHAOS_GENERATION = '1',
  HOLDFAST_CHAOS_CONCURRENCY = '20',
} = env
const SAID = /^chaos #\d+ (\w+)(?: (\d+))?$/
const STEP_MS = 500
/** Long enough for a press to be handled before it is waited for. */
const LATE_MS = 2_000

const tokens = JSON.parse(HOLDFAST_CHAOS_TOKENS)
const diary = new Diary(HOLDFAST_CHAOS_DIARY)
const worker = createWorker({
  subscription: 'chaos',
  concurrency: Number(HOLDFAST_CHAOS_CONCURRENCY),
  drainMs: 2_000,
  ...(HOLDFAST_CHAOS_REDIS === undefined ? {} : { redis: JSON.parse(HOLDFAST_CHAOS_REDIS) }),
  platforms: {
    slack: { connections: { rtm: { token: tokens.rtm }, socket: { token: tokens.socket } } },
    discord: { token: tokens.discord },
  },
})

worker.on('slack.message', handle)
worker.on('discord.MESSAGE_CREATE', handle)
worker.on('slack.reaction_added', ({ connection, delivery, data }) =>
  noteAll(`${connection} react ${data.item.ts} ${data.user}`, delivery),
)
worker.on('discord.MESSAGE_REACTION_ADD', ({ connection, delivery, data }) =>
  noteAll(`${connection} react ${data.message_id} ${data.user_id}`, delivery),
)
// Presses that nobody waits for.
worker.on('slack.interactive.block_actions', ({ connection, delivery, data }) =>
  noteAll(`${connection} press ${data.actions[0]?.action_id}`, delivery),
)
worker.on('discord.INTERACTION_CREATE', ({ connection, delivery, data }) =>
  noteAll(`${connection} press ${pressedIn(data)}`, delivery),
)
worker.on('slack.slash_commands', ({ connection, delivery, data }) =>
  noteAll(`${connection} command ${data.text}`, delivery),
)
worker.on('holdfast.gap', ({ data }) => {
  const { connection, shard, from, to, recoverable } = data
  const of = shard === undefined ? connection : `${connection}/${shard}`
  const fills = recoverable.includes('messages')
  diary.write({
    what: 'gap',
    connection: of,
    fromAt: Date.parse(from),
    toAt: Date.parse(to),
    fills,
    ...stamp(),
  })
})

/**
 * @param {import('@holdfast/worker').EventOf<'slack.message'> | import('@holdfast/worker').EventOf<'discord.MESSAGE_CREATE'>} event
 * @param {import('@holdfast/worker').Context} ctx
 */
async function handle(event, ctx) {
  const data = /** @type {{ text?: string, content?: string }} */ (event.data)
  const text = data.text ?? data.content ?? ''
  const [, mode, ms] = SAID.exec(text) ?? []
  if (mode === undefined) return
  const key = `${event.connection} ${text}`
  diary.write({ what: 'begin', key, delivery: event.delivery, ...stamp() })
  await work(mode, Number(ms ?? 0), key, ctx)
  if (mode !== 'note') await ctx.reply(`done: ${text}`)
  diary.write({ what: 'end', key, ...stamp() })
}

/**
 * Begun and ended.
 *
 * @param {string} key
 * @param {string} delivery
 */
function noteAll(key, delivery) {
  diary.write({ what: 'begin', key, delivery, ...stamp() })
  diary.write({ what: 'end', key, ...stamp() })
}

/**
 * @param {string} mode
 * @param {number} ms
 * @param {string} key
 * @param {import('@holdfast/worker').Context} ctx
 */
async function work(mode, ms, key, ctx) {
  if (mode === 'crash') kill(pid, 'SIGKILL')
  else if (mode === 'hang' && HOLDFAST_CHAOS_GENERATION === '1') await new Promise(() => {})
  else if (mode === 'leave') await ctx.leaveLane()
  else if (mode === 'long') await after(ms, undefined, { signal: ctx.signal })
  else if (mode === 'steps') await walk(ms, key, ctx)
  else if (mode === 'nap') await nap(ms, key, ctx)
  else if (mode === 'approve') await approve(ms, key, ctx)
  else if (mode === 'late') await approve(ms, key, ctx, () => after(LATE_MS))
  else await after(5 + Math.random() * 20)
}

/**
 * @param {number} ms
 * @param {string} key
 * @param {import('@holdfast/worker').Context} ctx
 */
async function walk(ms, key, ctx) {
  for (let step = 1; step * STEP_MS <= ms; step += 1) {
    const name = `step ${step}`
    await ctx.step(name, async () => {
      await after(STEP_MS, undefined, { signal: ctx.signal })
      diary.write({ what: 'step', key, name, ...stamp() })
    })
  }
}

/**
 * @param {number} ms
 * @param {string} key
 * @param {import('@holdfast/worker').Context} ctx
 */
async function nap(ms, key, ctx) {
  await noteOnce('slept in', key, ctx)
  await ctx.sleep('nap', ms)
  await noteOnce('woke up', key, ctx)
}

/**
 * Asks with a button and waits for a press on it; `meanwhile` comes between the two.
 *
 * @param {number} timeoutMs
 * @param {string} key
 * @param {import('@holdfast/worker').Context} ctx
 * @param {() => Promise<void>} meanwhile
 */
async function approve(timeoutMs, key, ctx, meanwhile = async () => {}) {
  const [connection, ...text] = key.split(' ')
  const id = text.join(' ')
  await ctx.reply(connection === 'discord' ? discordQuestion(id) : slackQuestion(id), { name: 'question' })
  await meanwhile()
  const press =
    connection === 'discord'
      ? await ctx.waitFor('press', 'discord.INTERACTION_CREATE', {
          where: { data: { data: { custom_id: id } } },
          timeoutMs,
        })
      : await ctx.waitFor('press', 'slack.interactive.block_actions', {
          where: { data: { actions: [{ action_id: id }] } },
          timeoutMs,
        })
  await noteOnce(press === undefined ? 'nobody pressed' : `${press.actor} pressed`, key, ctx)
}

/** @param {string} id */
function discordQuestion(id) {
  const button = { type: 2, style: 1, label: 'Yes', custom_id: id }
  return { content: `asked: ${id}`, components: [{ type: 1, components: [button] }] }
}

/** @param {string} id */
function slackQuestion(id) {
  const button = { type: 'button', text: { type: 'plain_text', text: 'Yes' }, action_id: id }
  return { text: `asked: ${id}`, blocks: [{ type: 'actions', elements: [button] }] }
}

/** @param {any} interaction */
function pressedIn(interaction) {
  return interaction.data?.custom_id
}

/**
 * A step: in the diary once, however often its handler runs.
 *
 * @param {string} name
 * @param {string} key
 * @param {import('@holdfast/worker').Context} ctx
 */
async function noteOnce(name, key, ctx) {
  await ctx.step(name, () => diary.write({ what: 'step', key, name, ...stamp() }))
}

/** Where a scenario sets this process's wall clock, the diary goes on in the time of the others. */
function stamp() {
  return { pid, at: Math.round(performance.timeOrigin + performance.now()) }
}

// Whoever started it is gone. Waiting for that keeps nothing alive.
process.once('disconnect', () => kill(pid, 'SIGKILL'))
if (!process.connected) kill(pid, 'SIGKILL')
process.channel?.unref()

const running = worker.run()
await worker.start()
process.send?.('ready')
await running
diary.close()
