import { INTENT_NAMES, parseConfigText } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { CONNECTIONS, gatewayConfig } from '../src/demo/gateway-config.ts'

test('the demo writes a configuration that the gateway accepts', () => {
  const platform = { bot: 'B', botIds: ['B'], user: 'U', channels: ['C'] }
  const text = gatewayConfig({
    redis: { url: 'redis://127.0.0.1:7000', prefix: '{holdfast-check-1}' },
    platforms: {
      url: 'http://127.0.0.1:7001',
      slack: { ...platform, apiUrl: 'http://127.0.0.1:7001/slack/api/', token: 'xoxb-simulated-1-1' },
      discord: { ...platform, apiUrl: 'http://127.0.0.1:7001/discord/api/v10', token: 'MTIz.simulated.1' },
    },
    intents: INTENT_NAMES,
    port: 7002,
  })
  const config = parseConfigText(text)
  expect(config.connections.map(({ id }) => id)).toEqual([CONNECTIONS.slack, CONNECTIONS.discord])
  expect(config.redis.prefix).toBe('{holdfast-check-1}')
  expect(config.http).toMatchObject({ host: '127.0.0.1', port: 7002 })
  expect(config.gateway.replicaId, 'the next process takes back at once what this one held').toBe('demo')
})
