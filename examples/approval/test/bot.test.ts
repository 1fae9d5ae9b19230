import { createTestBench, type TestBench } from '@holdfast/worker/testing'
import { describe, expect, test } from 'vitest'
import { createApprover } from '../src/bot.ts'

function stage() {
  const deployed: string[] = []
  const bot = createApprover(async (what) => {
    deployed.push(what)
    return `https://${what}.example.com`
  })
  return { bench: createTestBench(bot), deployed }
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
