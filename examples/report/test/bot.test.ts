import { createTestBench } from '@holdfast/worker/testing'
import { expect, test } from 'vitest'
import { createReporter } from '../src/bot.ts'
import { draw } from '../src/picture.ts'

const asked = {
  type: 'slack.message',
  data: { channel: 'C1', user: 'U1', text: '!report 2026', ts: '1.0' },
} as const
const author = { id: '2', username: 'mason', discriminator: '0', global_name: null, avatar: null }

/** Three pages, of which one can't be read at first. */
function harbour(wetPage?: number) {
  const pagesRead: number[] = []
  const bot = createReporter({
    pageCount: 3,
    readPage: async (_, page) => {
      const isFirst = !pagesRead.includes(page)
      pagesRead.push(page)
      if (page === wetPage && isFirst) throw new Error('the ledger is wet')
      return { kelp: page + 1 }
    },
  })
  const bench = createTestBench(bot)
  const texts = () => bench.replies.map(({ text }) => text.split('\n')[0])
  return { bench, texts, pagesRead }
}

const WHOLE = ['reading the ledger of 2026', 'read 3 pages, now drawing', 'the report on 2026']

test('reports how far it is, and then on the year', async () => {
  const { bench, texts } = harbour()
  expect((await bench.deliver(asked)).outcome).toEqual({ kind: 'completed' })
  expect(texts()).toEqual(WHOLE)
  expect(bench.replies.at(-1)?.text).toContain('kelp      ████████████████████ 6 t')
})

test('goes on with the page where it failed, and says nothing twice', async () => {
  const { bench, texts, pagesRead } = harbour(1)
  const failed = await bench.deliver(asked)
  expect(failed.outcome).toMatchObject({ kind: 'retry', reason: 'Error: the ledger is wet' })
  await bench.deliver(asked, { attempt: 2, steps: failed.steps })
  expect(pagesRead).toEqual([0, 1, 1, 2])
  expect(texts()).toEqual(WHOLE)
})

test('hears nothing else, and no bots', async () => {
  const { bench, texts } = harbour()
  await bench.deliver({ type: 'slack.message', data: { ...asked.data, text: 'report!' } })
  await bench.deliver({ type: 'slack.message', data: { ...asked.data, bot_id: 'B1' } })
  await bench.deliver({
    type: 'discord.MESSAGE_CREATE',
    data: { channel_id: '7', content: 'ahoy', author },
  })
  expect(texts()).toEqual([])
})

test('draws the longest bar first', () => {
  expect(draw({ mussels: 1, herring: 4 })).toBe(
    '```\nherring   ████████████████████ 4 t\nmussels   █████ 1 t\n```',
  )
})
