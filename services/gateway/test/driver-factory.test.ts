import { createMemoryCallBudget, createMemoryCheckpointStore } from '@holdfast/ownership'
import {
  createMetricsRegistry,
  type DiscordConfig,
  ManualClock,
  parseConfigText,
  type SlackRtmConfig,
  type SlackSocketModeConfig,
} from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { createDrivers } from '../src/driver-factory.ts'
import { createGatewayMetrics } from '../src/metrics.ts'
import { recordingLog, unitTools } from './fixtures.ts'

const config = parseConfigText(`
connections:
  - { id: acme, platform: slack, transport: rtm, botToken: xoxb-1 }
  - { id: kelp, platform: slack, transport: socket-mode, appToken: xapp-1, botToken: xoxb-1, sockets: 3 }
  - { id: bastion, platform: discord, token: abc, presence: { status: dnd } }`)

test('each unit gets the driver of its kind, under its own name', async () => {
  const registry = createMetricsRegistry()
  const factory = createDrivers({
    publish: () => {},
    wanted: () => true,
    checkpoints: createMemoryCheckpointStore(),
    budget: createMemoryCallBudget(new ManualClock()),
    journal: { keep: () => Promise.reject(new Error('no disk here')) },
    metrics: createGatewayMetrics(registry),
    clock: new ManualClock(),
    log: recordingLog(),
    fetch,
  })
  const [slack, socketMode, discord] = config.connections
  expect(factory.slackRtm(slack as SlackRtmConfig, unitTools).status()).toMatchObject({
    connection: 'acme',
    platform: 'slack',
    transport: 'rtm',
  })
  expect(factory.slackSocketMode(socketMode as SlackSocketModeConfig, unitTools).status()).toMatchObject({
    connection: 'kelp',
    platform: 'slack',
    transport: 'socket-mode',
    sockets: { open: 0, wanted: 3 },
  })
  expect(factory.discord(discord as DiscordConfig, 3, 4, unitTools).status()).toMatchObject({
    connection: 'bastion',
    platform: 'discord',
    transport: 'gateway',
    shard: 3,
  })
  expect(await registry.metrics()).toContain('holdfast_identify_breaker{connection="bastion"} 0')
})
