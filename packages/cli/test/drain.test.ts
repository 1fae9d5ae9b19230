import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, onTestFinished, test } from 'vitest'
import type { Terminal } from '../src/command.ts'
import { runCommandLine } from '../src/command-line.ts'
import { drain } from '../src/commands/drain.ts'

type Connection = Readonly<Record<string, unknown>>
type Answer = readonly [status: number, body: object]

interface Script {
  /** What each look sees; the last one stays. `undefined`: the connection is cut. */
  readonly looks: readonly (readonly Connection[] | undefined)[]
  readonly answer?: Answer
  /** Its own id; an older version tells none. */
  readonly replica?: string
}

/** A gateway of which only the admin side is there. */
async function fakeGateway({ looks, answer = [202, { state: 'draining' }], replica = 'gateway-a' }: Script) {
  const asked: string[] = []
  let looked = 0
  const server = createServer((request, response) => {
    const send = ([status, body]: Answer) =>
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    if (request.url === '/v1/drain') {
      asked.push(wishOf(request))
      return send(answer)
    }
    const connections = looks[Math.min(looked++, looks.length - 1)]
    return connections ? send([200, { replica, connections }]) : request.socket.destroy()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}

const wishOf = ({ method, headers }: IncomingMessage) =>
  `${method} ${headers.authorization ?? 'without token'}`

async function run(args: readonly string[], env: Terminal['env'] = {}) {
  const out: string[] = []
  const err: string[] = []
  const terminal = {
    env,
    out: (line: string) => void out.push(line),
    err: (line: string) => void err.push(line),
  }
  const code = await runCommandLine({ commands: [drain], version: '0' }, ['drain', ...args], terminal)
  return { code, out, err }
}

const acme = { unit: 'acme', owner: 'gateway-a', state: 'connected' }
const shard = { unit: 'bastion/0', owner: 'gateway-a', state: 'connected' }
const going = (unit: Connection) => ({ ...unit, handover: { to: 'gateway-b', phase: 'asked' } })

test('asks with the token, tells of each unit as it goes, and ends with 0 when none is left', async () => {
  const looks = [[acme, shard], [going(acme), shard], [shard], []]
  const { url, asked } = await fakeGateway({ looks })
  const { code, out, err } = await run(['--url', `${url}/`], { HOLDFAST_ADMIN_TOKEN: 'secret' })
  expect(asked).toEqual(['POST Bearer secret'])
  expect(out).toEqual([
    expect.stringMatching(/^acme → gateway-b in \d+ ms$/),
    expect.stringMatching(/^bastion\/0 left in \d+ ms$/),
    'nothing is left there',
  ])
  expect({ code, err }).toEqual({ code: 0, err: [] })
})

test('tells who has a unit by now, where the gateway knows, and waits for its own alone', async () => {
  const away = { ...shard, owner: 'gateway-b' }
  const looks = [
    [acme, shard],
    [going(acme), away],
    [{ ...acme, owner: 'gateway-c' }, away],
  ]
  const { url } = await fakeGateway({ looks })
  const { code, out } = await run(['--url', url, '--token', 't'])
  expect(out).toEqual([
    expect.stringMatching(/^bastion\/0 → gateway-b in \d+ ms$/),
    expect.stringMatching(/^acme → gateway-c in \d+ ms$/),
    'nothing is left there',
  ])
  expect(code).toBe(0)
})

test('tells it as JSON, one line each', async () => {
  const { url } = await fakeGateway({ looks: [[going(acme)], []] })
  const { code, out } = await run(['--url', url, '--token', 'other', '--json'])
  expect(out.map((line) => JSON.parse(line))).toEqual([
    { unit: 'acme', to: 'gateway-b', afterMs: expect.any(Number) },
    { state: 'drained' },
  ])
  expect(code).toBe(0)
})

test('lets it serve again with --undo', async () => {
  const { url, asked } = await fakeGateway({ looks: [], answer: [202, { state: 'serving' }] })
  expect(await run(['--url', url, '--token', 't', '--undo'])).toEqual({
    code: 0,
    out: ['it serves again'],
    err: [],
  })
  expect(asked).toEqual(['DELETE Bearer t'])
})

test('says why, with 1, where nobody could take over', async () => {
  const { url } = await fakeGateway({ looks: [[acme]], answer: [409, { error: 'no other replica lives' }] })
  expect(await run(['--url', url, '--token', 't'])).toEqual({
    code: 1,
    out: [],
    err: ['holdfast: drain: no other replica lives; it serves on'],
  })
})

test('ends with 1 where the gateway goes on the way with units of its own', async () => {
  const { url } = await fakeGateway({ looks: [[acme], undefined] })
  const { code, err } = await run(['--url', url, '--token', 't'])
  expect({ code, err }).toEqual({ code: 1, err: [expect.stringContaining('holdfast status')] })
})

test.each<[what: string, answer: Answer, args: string[], line: RegExp]>([
  ['without a token', [401, { error: 'no' }], [], /it asks for a token .*HOLDFAST_ADMIN_TOKEN/],
  ['with the wrong token', [401, { error: 'no' }], ['--token', 'x'], /it refuses this token/],
  ['where admin routes are off', [404, {}], ['--token', 'x'], /without http\.adminToken.*older version/],
])('explains itself in one line with 2 %s', async (_, answer, args, line) => {
  const { url } = await fakeGateway({ looks: [[acme]], answer })
  expect(await run(['--url', url, ...args])).toEqual({ code: 2, out: [], err: [expect.stringMatching(line)] })
})

test('answers an address where nobody listens, and one that is none, with one line and 2', async () => {
  expect(await run(['--url', 'http://127.0.0.1:1'])).toEqual({
    code: 2,
    out: [],
    err: [expect.stringMatching(/^holdfast: drain: http:\/\/127\.0\.0\.1:1 does not answer: /)],
  })
  expect(await run(['--url', 'localhost'])).toMatchObject({
    code: 2,
    err: [expect.stringContaining('--url')],
  })
})

test('tells its exit codes on --help', async () => {
  const { out } = await run(['--help'])
  expect(out.join('\n')).toMatch(/Exit codes:\n {2}0 {2}nothing is left there/)
})
