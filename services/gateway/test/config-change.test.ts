import { parseConfigText } from '@holdfast/runtime'
import { expect, test } from 'vitest'
import { compareConfigs } from '../src/config-change.ts'

const BASTION = '{ id: bastion, platform: discord, token: abc, shards: 2 }'
const ACME = '{ id: acme, platform: slack, transport: rtm, botToken: xoxb-1 }'

const configOf = (connections: readonly string[], more = '') =>
  parseConfigText(`connections: [${connections.join(', ')}]\n${more}`)

function changeOf(before: ReturnType<typeof configOf>, after: ReturnType<typeof configOf>) {
  const { added, removed, changed, ...rest } = compareConfigs(before, after)
  const ids = (connections: typeof added) => connections.map(({ id }) => id)
  return { added: ids(added), removed: ids(removed), changed: ids(changed), ...rest }
}

const NOTHING = { added: [], removed: [], changed: [], subscriptionsChanged: false, needRestart: [] }

test('the same text is no change, in whatever order its connections stand', () => {
  expect(changeOf(configOf([ACME, BASTION]), configOf([BASTION, ACME]))).toEqual(NOTHING)
})

test('connections come and go by their ids', () => {
  const moved = ACME.replace('acme', 'other')
  expect(changeOf(configOf([ACME, BASTION]), configOf([moved, BASTION]))).toEqual({
    ...NOTHING,
    added: ['other'],
    removed: ['acme'],
  })
})

test.each([
  ['a token', BASTION.replace('abc', 'def')],
  ['a number', BASTION.replace('shards: 2', 'shards: 3')],
  ['a value that was left to its default', BASTION.replace('}', ', intents: [GUILDS] }')],
  ['a block that was not there', BASTION.replace('}', ', presence: { status: dnd } }')],
  ['the kind of the connection', ACME.replace('acme', 'bastion')],
])('a connection is changed by %s', (_, after) => {
  expect(changeOf(configOf([BASTION]), configOf([after]))).toEqual({ ...NOTHING, changed: ['bastion'] })
})

test('a changed connection comes with its new settings', () => {
  const after = configOf([BASTION.replace('shards: 2', 'shards: 3')])
  expect(compareConfigs(configOf([BASTION]), after).changed).toEqual([after.connections[0]])
})

test.each([
  ['a pattern', '["slack.*"]', '["slack.*", "discord.*"]'],
  ['fewer patterns', '["slack.*", "discord.*"]', '["slack.*"]'],
])('subscriptions are changed by %s', (_, before, after) => {
  const withEvents = (events: string) => configOf([ACME], `subscriptions: [{ name: a, events: ${events} }]`)
  expect(changeOf(withEvents(before), withEvents(after))).toEqual({ ...NOTHING, subscriptionsChanged: true })
})

test('blocks on which the gateway is built need a restart; the console is none of them', () => {
  const after = `
redis: { url: "redis://:other@127.0.0.1:6379" }
http: { port: 1 }
gateway: { stopGrace: 1s }
log: { level: debug }
console: { port: 1 }`
  expect(changeOf(configOf([ACME]), configOf([ACME], after))).toEqual({
    ...NOTHING,
    needRestart: ['redis', 'http', 'gateway', 'log'],
  })
})
