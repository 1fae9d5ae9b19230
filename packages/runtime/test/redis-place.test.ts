import { connect, createServer, type Socket } from 'node:net'
import { inspect } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import {
  describePlace,
  ManualClock,
  type NodeAddress,
  type RedisPlace,
  readNode,
  Secret,
  secretsOfPlace,
} from '../src/index.ts'
import { cutWhenSilent } from '../src/redis/silence.ts'
import { vote } from '../src/redis/vote.ts'

const node = (port: number): NodeAddress => ({ host: 'reef', port })
const password = new Secret('hunter2')

test.each<[RedisPlace, string]>([
  [{ url: 'redis://me:hunter2@reef:1/2' }, 'redis://me:***@reef:1/2'],
  [
    {
      sentinel: {
        name: 'kelp',
        nodes: [node(1), { host: '::1', port: 2 }],
        password,
        sentinelPassword: password,
      },
    },
    'master "kelp" of the sentinels at reef:1, [::1]:2',
  ],
  [{ cluster: { nodes: [node(1)], password } }, 'the cluster at reef:1'],
])('a place is described without its passwords, all of which are known', (place, text) => {
  expect(describePlace(place)).toBe(text)
  expect(new Set(secretsOfPlace(place).map((secret) => secret.reveal()))).toEqual(new Set(['hunter2']))
  if (!('url' in place)) expect(inspect(place, { depth: 9 }) + JSON.stringify(place)).not.toContain('hunter2')
})

test.each([
  ['reef', { host: 'reef', port: 26_379 }],
  ['reef:1', { host: 'reef', port: 1 }],
  ['10.0.0.1:65535', { host: '10.0.0.1', port: 65_535 }],
  ['[::1]:7', { host: '::1', port: 7 }],
  ['reef:0', undefined],
  ['reef:65536', undefined],
  ['redis://reef:1', undefined],
  ['me@reef:1', undefined],
  ['', undefined],
])('reads %j as a server', (text, read) => {
  expect(readNode(text, 26_379)).toEqual(read)
})

test('the node that most of the quick ones name is the one', async () => {
  const clock = new ManualClock()
  const answers = [node(7), node(8), node(8)]
  const asked = vote([node(0), node(1), node(2)], async ({ port }) => answers[port] ?? node(0), clock)
  expect(await asked).toEqual(node(8))
})

test('who answers late is not waited for, nor is who does not answer', async () => {
  const clock = new ManualClock()
  const asks = [
    Promise.resolve(node(7)),
    new Promise<NodeAddress>(() => {}),
    Promise.reject(new Error('gone')),
  ]
  const asked = vote([node(0), node(1), node(2)], async ({ port }) => asks[port] ?? node(0), clock)
  await expect.poll(() => clock.timerCount).toBe(1)
  clock.advance(100)
  expect(await asked).toEqual(node(7))
})

test('where nobody knows, the word of one that answered is told before that of one that could not be reached', async () => {
  const refused = Object.assign(new Error('NOAUTH Authentication required.'), { name: 'ReplyError' })
  const asks = [Promise.reject(new Error('connect ECONNREFUSED')), Promise.reject(refused)]
  const asked = vote([node(0), node(1)], async ({ port }) => asks[port] ?? node(0), new ManualClock())
  await expect(asked).rejects.toBe(refused)
})

/** Both ends of a connection, the first of them watched. */
async function connected(clock: ManualClock): Promise<{ near: Socket; far: Socket }> {
  const server = createServer()
  onTestFinished(() => void server.close())
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const near = connect(typeof address === 'object' && address ? address.port : 0, '127.0.0.1')
  near.on('error', () => {})
  cutWhenSilent(near, clock)
  const far = await accepted
  onTestFinished(() => void [near.destroy(), far.destroy()])
  return { near, far }
}

test('a connection on which something was asked is cut after 15 s without an answer', async () => {
  const clock = new ManualClock()
  const { near } = await connected(clock)
  clock.advance(2_500)
  near.write('PING')
  clock.advance(12_500)
  expect(near.destroyed).toBe(false)
  clock.advance(2_500)
  expect(near.destroyed).toBe(true)
})

test('one on which nothing is asked may be silent, and each answer counts', async () => {
  const clock = new ManualClock()
  const { near, far } = await connected(clock)
  clock.advance(60_000)
  for (let round = 0; round < 4; round += 1) {
    near.write('PING')
    clock.advance(10_000)
    const answer = new Promise((resolve) => near.once('data', resolve))
    far.write('PONG')
    await answer
  }
  clock.advance(60_000)
  expect(near.destroyed).toBe(false)
})
