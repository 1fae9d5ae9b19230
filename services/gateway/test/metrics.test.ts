import { createMetricsRegistry } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { createGatewayMetrics } from '../src/metrics.ts'

test('the metrics have the names and labels of the reference', async () => {
  const registry = createMetricsRegistry()
  const metrics = createGatewayMetrics(registry)
  metrics.received('discord', 'bastion', 'discord.MESSAGE_CREATE')
  metrics.malformed('bastion')
  metrics.gap('acme')
  metrics.state('bastion', 1, 'connected')
  metrics.unwanted('bastion')
  metrics.result('commands', 'enqueued')
  metrics.result('commands', 'duplicate')
  metrics.result('commands', 'suspended')
  metrics.unconfirmed('bastion', 1)
  metrics.confirmed(0.004)
  metrics.suspended('commands', true)
  metrics.unitsOwned('replica-a', () => 3)
  metrics.readded(2)
  metrics.forgotten(3)
  metrics.identified('bastion')
  metrics.identifyBreaker('bastion', true)

  const text = await registry.metrics()
  for (const line of [
    'holdfast_events_received_total{platform="discord",connection="bastion",type="discord.MESSAGE_CREATE"} 1',
    'holdfast_frames_malformed_total{connection="bastion"} 1',
    'holdfast_gaps_total{connection="acme"} 1',
    'holdfast_connection_state{connection="bastion",shard="1",state="connected"} 1',
    'holdfast_connection_state{connection="bastion",shard="1",state="connecting"} 0',
    'holdfast_events_unwanted_total{connection="bastion"} 1',
    'holdfast_events_enqueued_total{subscription="commands"} 1',
    'holdfast_events_duplicate_total{subscription="commands"} 1',
    'holdfast_events_suspended_total{subscription="commands"} 1',
    'holdfast_unconfirmed_events{connection="bastion"} 1',
    'holdfast_confirm_seconds_bucket{le="0.005"} 1',
    'holdfast_confirm_seconds_count 1',
    'holdfast_queue_suspended{subscription="commands"} 1',
    'holdfast_units_owned{replica="replica-a"} 3',
    'holdfast_events_readded_total 2',
    'holdfast_events_forgotten_total 3',
    'holdfast_identifies_total{connection="bastion"} 1',
    'holdfast_identify_breaker{connection="bastion"} 1',
  ])
    expect(text).toContain(line)
})

test('a state that a unit has left is 0', async () => {
  const registry = createMetricsRegistry()
  const metrics = createGatewayMetrics(registry)
  metrics.state('acme', undefined, 'connected')
  metrics.state('acme', undefined, 'fatal')
  const text = await registry.metrics()
  expect(text).toContain('holdfast_connection_state{connection="acme",shard="",state="connected"} 0')
  expect(text).toContain('holdfast_connection_state{connection="acme",shard="",state="fatal"} 1')
})

test('the states of a connection that is gone are not shown any more, those of others are', async () => {
  const registry = createMetricsRegistry()
  const metrics = createGatewayMetrics(registry)
  for (const shard of [0, 1]) metrics.state('bastion', shard, 'connected')
  metrics.state('acme', undefined, 'connected')
  metrics.forgetStates('bastion')
  const text = await registry.metrics()
  expect(text).not.toContain('connection="bastion"')
  expect(text).toContain('holdfast_connection_state{connection="acme",shard="",state="connected"} 1')
  metrics.state('bastion', 0, 'connecting')
  expect(await registry.metrics()).not.toContain('connection="bastion",shard="1"')
})

test('the gaps of a connection are 0 from the start, kept when it is made anew, and not shown once it is gone', async () => {
  const registry = createMetricsRegistry()
  const metrics = createGatewayMetrics(registry)
  for (const connection of ['bastion', 'acme']) metrics.connection(connection)
  expect(await registry.metrics()).toContain('holdfast_gaps_total{connection="bastion"} 0')
  metrics.gap('bastion')
  metrics.forgetStates('bastion')
  metrics.connection('bastion')
  expect(await registry.metrics()).toContain('holdfast_gaps_total{connection="bastion"} 1')
  metrics.state('bastion', 0, 'connected')
  for (const count of [metrics.malformed, metrics.dropped, metrics.withheld]) count('bastion')
  metrics.forgetConnection('bastion')
  const text = await registry.metrics()
  expect(text).not.toContain('connection="bastion"')
  expect(text).toContain('holdfast_gaps_total{connection="acme"} 0')
})

test('a refused configuration is shown for as long as it is', async () => {
  const registry = createMetricsRegistry()
  let refused = false
  createGatewayMetrics(registry).configRefused(() => refused)
  expect(await registry.metrics()).toMatch(/^holdfast_config_refused 0$/m)
  refused = true
  expect(await registry.metrics()).toMatch(/^holdfast_config_refused 1$/m)
})
