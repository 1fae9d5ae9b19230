import { expect, test } from 'vitest'
import { createPlatforms, type PlatformsOptions } from '../src/platforms.ts'

function slackOf(options: PlatformsOptions, environment: Record<string, string>, connection?: string) {
  const { token, slackApiUrl } = createPlatforms(options, environment).slack(connection)
  return { token, slackApiUrl }
}

test("without options, tokens and addresses are the environment's", () => {
  const environment = { SLACK_BOT_TOKEN: 'xoxb-env', SLACK_API_URL: 'http://127.0.0.1:1/api' }
  expect(slackOf({}, environment, 'acme')).toEqual({
    token: 'xoxb-env',
    slackApiUrl: 'http://127.0.0.1:1/api/',
  })
})

test('options come before the environment, and those of the connection first', () => {
  const options = { slack: { token: 'all', connections: { acme: { token: 'acme' } } } }
  const environment = { SLACK_BOT_TOKEN: 'env' }
  expect(slackOf(options, environment, 'acme').token).toBe('acme')
  expect(slackOf(options, environment, 'other').token).toBe('all')
  expect(slackOf(options, environment).token).toBe('all')
})

test('a client is made once per connection', () => {
  const platforms = createPlatforms({ slack: { token: 'a' }, discord: { token: 'b' } }, {})
  expect(platforms.slack('acme')).toBe(platforms.slack('acme'))
  expect(platforms.slack('acme')).not.toBe(platforms.slack('other'))
  expect(platforms.discord('bastion')).toBe(platforms.discord('bastion'))
  platforms.close()
})

test.each([
  ['https://discord.com/api/v10', 'https://discord.com/api', '10'],
  ['http://127.0.0.1:9/api/v9/', 'http://127.0.0.1:9/api', '9'],
  ['http://127.0.0.1:9/api', 'http://127.0.0.1:9/api', '10'],
])('reads the version out of the address %s', (apiUrl, api, version) => {
  const platforms = createPlatforms({ discord: { token: 'a', apiUrl } }, {})
  expect(platforms.discord(undefined).options).toMatchObject({ api, version, retries: 0 })
  platforms.close()
})

test('a missing token names what to set', () => {
  const platforms = createPlatforms({}, {})
  expect(() => platforms.discord('bastion')).toThrow(
    'no discord token for connection bastion: set DISCORD_TOKEN, or platforms.discord.token of createWorker (for this connection alone: platforms.discord.connections), and restart',
  )
})

test('knows whether there is a token at all', () => {
  const connections = { acme: { token: 'a' } }
  const platforms = createPlatforms({ slack: { connections } }, {})
  expect([platforms.hasToken('slack'), platforms.hasToken('discord')]).toEqual([true, false])
  expect(createPlatforms({}, { DISCORD_TOKEN: 'b' }).hasToken('discord')).toBe(true)
})
