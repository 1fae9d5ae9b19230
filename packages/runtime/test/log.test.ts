import { describe, expect, test } from 'vitest'
import { createLog, Secret } from '../src/index.ts'

function record(secrets: Secret[] = []) {
  const lines: string[] = []
  const destination = { write: (line: string) => void lines.push(line) }
  return { lines, log: createLog({ name: 'gateway', secrets, destination }) }
}

describe('the log', () => {
  test('writes one JSON line with time, level by name, process, facts and message', () => {
    const { lines, log } = record()
    log.info({ connection: 'bastion', from: 'connecting' }, 'connected')
    expect(lines).toHaveLength(1)
    const { time, ...rest } = JSON.parse(lines[0] ?? '')
    expect(rest).toMatchObject({ level: 'info', name: 'gateway', connection: 'bastion', msg: 'connected' })
    expect(time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
  })

  test('strikes out its own credentials wherever they appear', () => {
    const { lines, log } = record([new Secret('pa55word')])
    log.error({ err: new Error('login with pa55word failed'), nested: { token: 'pa55word' } }, 'as pa55word')
    expect(lines.join()).not.toContain('pa55word')
    expect(JSON.parse(lines[0] ?? '')).toMatchObject({ msg: 'as ***', nested: { token: '***' } })
  })

  test('strikes out what became a credential after its start', () => {
    const secrets = [new Secret('pa55word')]
    const { lines, log } = record(secrets)
    secrets.push(new Secret('pa55phrase'))
    log.info({}, 'from pa55word to pa55phrase')
    expect(JSON.parse(lines[0] ?? '').msg).toBe('from *** to ***')
  })

  test.each([
    ['a Slack bot token', 'xoxb-1234567890-abcdef'],
    ['a Slack app-level token', 'xapp-1-A0001-0001-abcdef'],
    ['a Discord bot token', `${'M'.repeat(26)}.GabcDe.${'x'.repeat(38)}`],
  ])('strikes out %s that it was never told of', (_, token) => {
    const { lines, log } = record()
    log.warn({ header: `Bot ${token}` }, `sent ${token}`)
    expect(lines.join()).not.toContain(token)
  })

  test('strikes out the password of a URL', () => {
    const { lines, log } = record()
    log.warn({ url: 'redis://me:hunter2@redis:6379' }, 'lost')
    expect(JSON.parse(lines[0] ?? '').url).toBe('redis://me:***@redis:6379')
  })
})
