import { createTestBench, type TestBench } from '@holdfast/worker/testing'
import { expect, test } from 'vitest'
import { bot } from '../src/bot.ts'

const texts = ({ replies }: TestBench) => replies.map(({ text }) => text)
const said = (text: string, user = 'U1') =>
  ({ type: 'slack.message', data: { channel: 'C1', user, text } }) as const

/** Each message of a person has an instant of its own. */
function talk() {
  const bench = createTestBench(bot)
  let count = 0
  const say = (text: string, user?: string) => {
    count += 1
    const { type, data } = said(text, user)
    return bench.send({ type, data: { ...data, ts: `1767225600.00000${count}` } })
  }
  return { bench, say }
}

test('hears a greeting, and nothing in between', async () => {
  const { bench, say } = talk()
  await say('Hi there')
  await say('nothing to see here')
  expect(texts(bench)).toEqual(['hello yourself'])
})

test.each([
  ['yes', 'nice to meet you, Ishmael'],
  ['no', 'never mind'],
])('asks back, and goes by the answer: %s', async (answer, reply) => {
  const { bench, say } = talk()
  await say('call me Ishmael')
  await say(answer)
  expect(texts(bench)).toEqual(['you want me to call you Ishmael?', reply])
})

test('takes an order over a deploy', async () => {
  const { bench, say } = talk()
  await say('pizza please')
  await say('large')
  await bench.restart()
  await say('kelp')
  await bench.advance('9m')
  await say('pier 7')
  expect(texts(bench)).toEqual([
    'what size?',
    'with what on it?',
    'where shall it go?',
    'a large pizza with kelp is on its way to pier 7',
  ])
})

test('talks with two people at once', async () => {
  const { bench, say } = talk()
  await say('pizza', 'U1')
  await say('call me Ahab', 'U2')
  await say('small', 'U1')
  await say('yes', 'U2')
  expect(texts(bench).slice(2)).toEqual(['with what on it?', 'nice to meet you, Ahab'])
})

test('forgets a conversation after ten minutes of silence', async () => {
  const { bench, say } = talk()
  await say('pizza')
  await bench.advance('10m')
  expect(bench.suspended).toEqual([])
  await say('large')
  expect(texts(bench)).toEqual(['what size?'])
})

test('hears on Discord as well', async () => {
  const bench = createTestBench(bot)
  const author = { id: '2', username: 'mason', discriminator: '0', global_name: null, avatar: null }
  await bench.send({
    type: 'discord.MESSAGE_CREATE',
    data: { id: '1', channel_id: '7', content: 'hello', author },
  })
  expect(texts(bench)).toEqual(['hello yourself'])
})
