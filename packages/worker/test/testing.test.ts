import { expect, test } from 'vitest'
import { createWorker } from '../src/index.ts'
import { createTestBench } from '../src/testing.ts'

function bench() {
  const worker = createWorker({ subscription: 'commands', attempts: 2 })
  let loads = 0
  worker.on('slack.message', async (event, ctx) => {
    const load = await ctx.step('load', () => ++loads)
    await ctx.reply(`${event.data.text} ${load}`)
  })
  worker.on('discord.MESSAGE_CREATE', (_, ctx) => ctx.reply({ embeds: [{ title: 'tides' }] }))
  worker.on('discord.INTERACTION_CREATE', async (_, ctx) => {
    await ctx.reply({ content: 'psst', flags: 64 })
    await ctx.reply('and more')
  })
  worker.on('discord.TYPING_START', () => Promise.reject(new Error('boom')))
  worker.on('slack.app_mention', async (_, ctx) => void (await ctx.slack.auth.test()))
  return createTestBench(worker)
}

const message = { type: 'slack.message', data: { channel: 'C1', text: 'ahoy' } } as const

test('records replies with their text and as they were given', async () => {
  const { deliver, replies } = bench()
  await deliver(message)
  await deliver({ type: 'discord.MESSAGE_CREATE', id: 'mine', data: { channel_id: '7' } })
  expect(replies).toEqual([
    {
      eventId: 'test.1',
      platform: 'slack',
      channel: 'C1',
      text: 'ahoy 1',
      message: { text: 'ahoy 1' },
    },
    {
      eventId: 'mine',
      platform: 'discord',
      channel: '7',
      text: '',
      message: { embeds: [{ title: 'tides' }] },
    },
  ])
})

test('records answers to interactions and what follows up on them, which takes no token', async () => {
  const { deliver, replies } = bench()
  const { outcome } = await deliver({ type: 'discord.INTERACTION_CREATE', data: {} })
  expect(outcome).toEqual({ kind: 'completed' })
  expect(replies.map(({ text }) => text)).toEqual(['psst', 'and more'])
  expect(replies[0]?.message).toEqual({ content: 'psst', flags: 64 })
})

test('shows what a second run of a job would do again', async () => {
  const { deliver, replies } = bench()
  const first = await deliver(message)
  expect([...first.steps.keys()]).toEqual(['step:load', 'reply#1'])
  const steps = new Map([...first.steps].filter(([key]) => key === 'step:load'))
  await deliver(message, { steps })
  expect(replies.map(({ text }) => text)).toEqual(['ahoy 1', 'ahoy 1'])
})

test('tells the outcome that the queue would be told', async () => {
  const { deliver } = bench()
  const typing = { type: 'discord.TYPING_START', data: {} } as const
  expect((await deliver(typing)).outcome).toMatchObject({ kind: 'retry', reason: 'Error: boom' })
  expect((await deliver(typing, { attempt: 2 })).outcome).toMatchObject({ kind: 'dead' })
  expect((await deliver({ type: 'slack.unheard_of', data: {} })).outcome).toMatchObject({ kind: 'dead' })
})

test('never reaches for a real platform', async () => {
  const { outcome } = await bench().deliver({ type: 'slack.app_mention', data: { channel: 'C1' } })
  expect(outcome).toMatchObject({ kind: 'retry', reason: expect.stringContaining('no slack token') })
})
