import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createTestBench, type TestBench, type TestBenchOptions } from '@holdfast/worker/testing'
import { describe, expect, onTestFinished, test } from 'vitest'
import { createApprover } from '../src/bot.ts'

function stage(options: TestBenchOptions = {}) {
  const deployed: string[] = []
  const bot = createApprover(async (what) => {
    deployed.push(what)
    return `https://${what}.example.com`
  })
  return { bench: createTestBench(bot, options), deployed }
}

const texts = ({ replies }: TestBench) => replies.map(({ text }) => text)

describe('on Slack', () => {
  const command = {
    id: 'slack.command.1',
    type: 'slack.slash_commands',
    data: { command: '/deploy', text: 'main', team_id: 'T1', channel_id: 'C1', user_id: 'U1' },
  } as const
  const press = (user: string, action: 'approve' | 'reject') =>
    ({
      type: 'slack.interactive.block_actions',
      data: {
        user: { id: user },
        team: { id: 'T1' },
        channel: { id: 'C1' },
        container: { type: 'message', channel_id: 'C1', message_ts: '1.0', is_ephemeral: false },
        actions: [
          { type: 'button', block_id: command.id, action_id: action, action_ts: `${user}.${action}` },
        ],
      },
    }) as const

  test('deploys what another person approves, and tells a late one that it is over', async () => {
    const { bench, deployed } = stage()
    await bench.send(command)
    await bench.advance('59m')
    await bench.send(press('U2', 'approve'))
    await bench.send(press('U3', 'reject'))
    expect(texts(bench)).toEqual([
      '<@U1> wants to deploy main',
      '<@U2> approved main',
      'main is on https://main.example.com',
      'this request is closed',
    ])
    expect(deployed).toEqual(['main'])
  })

  test('leaves what another person rejects, and does not let the asker decide', async () => {
    const { bench, deployed } = stage()
    await bench.send(command)
    await bench.send(press('U1', 'approve'))
    await bench.send(press('U2', 'reject'))
    expect(texts(bench).slice(1)).toEqual(['somebody else has to decide', '<@U2> rejected main'])
    expect(deployed).toEqual([])
  })

  test('ends after an hour without a decision', async () => {
    const { bench } = stage()
    await bench.send(command)
    await bench.advance('1h')
    expect(texts(bench).at(-1)).toBe('nobody decided on main within an hour')
    expect(bench.suspended).toEqual([])
  })

  test('asks once and deploys once, wherever it dies', async () => {
    const { bench, deployed } = stage()
    bench.crashAt('reply#1')
    await bench.send(command)
    bench.crashAt('deploy', 'after-record')
    await bench.send(press('U2', 'approve'))
    expect(texts(bench)).toEqual([
      '<@U1> wants to deploy main',
      '<@U2> approved main',
      'main is on https://main.example.com',
    ])
    expect(deployed).toEqual(['main'])
  })
})

describe('on Discord', () => {
  const by = (user: string) => ({ channel_id: '7', member: { user: { id: user } } })
  const command = { ...by('1'), id: '100', type: 2, data: { name: 'deploy', options: [{ value: 'main' }] } }
  const press = (user: string, button: string, message: string) => ({
    ...by(user),
    id: `20${user}`,
    type: 3,
    message: { id: message },
    data: { custom_id: button },
  })
  const interaction = (data: object) => ({ type: 'discord.INTERACTION_CREATE', data: data as never }) as const

  /** Takes whatever a bot asks of it, and notes what. */
  async function discord() {
    const calls: string[] = []
    const server = createServer((request, response) => {
      calls.push(`${request.method} ${request.url}`)
      response.setHeader('content-type', 'application/json').end('{}')
    }).listen(0, '127.0.0.1')
    onTestFinished(() => void server.close())
    await once(server, 'listening')
    const { port } = server.address() as AddressInfo
    const platforms = { discord: { token: 'token', apiUrl: `http://127.0.0.1:${port}/v10` } }
    return { calls, platforms }
  }

  test('deploys what another person approves, and takes the buttons away once', async () => {
    const { calls, platforms } = await discord()
    const { bench, deployed } = stage({ platforms })
    await bench.send(interaction(command))
    await bench.send(interaction(press('1', 'approve', '1')))
    bench.crashAt('take the buttons away', 'after-record')
    await bench.send(interaction(press('2', 'approve', '1')))
    expect(texts(bench)).toEqual([
      '<@1> wants to deploy main',
      'somebody else has to decide',
      '<@2> approved main',
      'main is on https://main.example.com',
    ])
    expect(calls).toEqual(['PATCH /v10/channels/7/messages/1'])
    expect(deployed).toEqual(['main'])
  })

  test('ends after an hour without a decision', async () => {
    const { platforms } = await discord()
    const { bench } = stage({ platforms })
    await bench.send(interaction(command))
    await bench.advance('1h')
    expect(texts(bench).at(-1)).toBe('nobody decided on main within an hour')
  })
})
