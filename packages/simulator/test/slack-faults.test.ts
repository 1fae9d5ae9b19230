import { describe, expect, it } from 'vitest'
import type { FaultRequest } from '../src/index.ts'
import { type Stage, setStage } from './stage.ts'

describe('Faults of RTM', () => {
  it('goodbye closes the socket after a while and leaves Socket Mode alone', async () => {
    const stage = await setStage()
    const [wire, other] = [await stage.rtm(), await stage.socketMode()]
    fault(stage, { fault: 'goodbye', forMs: 2_000 })
    expect(await wire.next()).toEqual({ type: 'goodbye' })
    stage.clock.advance(2_000)
    expect(await wire.closed).toBe(1000)
    expect(other.frames).toHaveLength(1)
  })

  it('migrate ends the sockets at once and refuses rtm.connect for a while', async () => {
    const stage = await setStage()
    const wire = await stage.rtm()
    fault(stage, { fault: 'migrate', forMs: 5_000 })
    expect(await wire.next()).toEqual({ type: 'team_migration_started' })
    expect(await wire.closed).toBe(1000)
    expect(await stage.slack('rtm.connect')).toEqual({ ok: false, error: 'migration_in_progress' })
    stage.clock.advance(60_000)
    expect(await stage.slack('rtm.connect')).toMatchObject({ ok: true })
  })

  it('connect-error comes in place of hello and uses the URL up', async () => {
    const stage = await setStage()
    fault(stage, { fault: 'connect-error' })
    const url = String((await stage.slack('rtm.connect')).url)
    const error = { type: 'error', error: { code: 1, msg: 'Socket URL has expired' } }
    for (let n = 0; n < 2; n++) expect(await stage.open(url).next()).toEqual(error)
    await stage.rtm()
  })
})

describe('Faults of Socket Mode', () => {
  it('refresh asks every socket to go, serves it, and closes it after a while', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    fault(stage, { fault: 'refresh', forMs: 1_000 })
    expect(await wire.next()).toMatchObject({ type: 'disconnect', reason: 'refresh_requested' })
    say(stage, 'still here?')
    await wire.next({ type: 'events_api' })
    stage.clock.advance(1_000)
    expect(await wire.closed).toBe(1000)
  })

  it('link-disabled ends the sockets and refuses new ones for a while; what happens meanwhile comes later', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    fault(stage, { fault: 'link-disabled', forMs: 30_000 })
    expect(await wire.next()).toMatchObject({ type: 'disconnect', reason: 'link_disabled' })
    expect(await wire.closed).toBe(1000)
    const { url } = await stage.slack('apps.connections.open', {}, stage.slackBot.appToken)
    expect(await stage.open(String(url)).next()).toMatchObject({ reason: 'link_disabled' })
    say(stage, 'anybody?')
    stage.clock.advance(0)
    stage.clock.advance(30_000)
    const next = await stage.socketMode()
    stage.clock.advance(60_000)
    expect(await next.next({ type: 'events_api' })).toMatchObject({ retry_attempt: 2 })
  })

  it('too-many-websockets refuses as many sockets as asked for', async () => {
    const stage = await setStage()
    fault(stage, { fault: 'too-many-websockets', count: 2 })
    for (let n = 0; n < 2; n++) {
      const { url } = await stage.slack('apps.connections.open', {}, stage.slackBot.appToken)
      const wire = stage.open(String(url))
      expect(await wire.next()).toMatchObject({ type: 'disconnect', reason: 'too_many_websockets' })
      await wire.closed
    }
    await stage.socketMode()
  })

  it('lose-acknowledgements makes an event come again that the app has acknowledged', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    fault(stage, { fault: 'lose-acknowledgements' })
    say(stage, 'hi')
    const { envelope_id } = await wire.next({ type: 'events_api' })
    wire.send({ envelope_id })
    await wire.heard()
    stage.clock.advance(3_000)
    stage.clock.advance(0)
    const again = await wire.next({ type: 'events_api' })
    expect(again).toMatchObject({ retry_attempt: 1 })
    wire.send({ envelope_id: again.envelope_id })
    await stage.simulator.record.until((e) => e.kind === 'envelope' && e.what === 'acknowledged')
  })

  it.each(['drop-sockets', 'close-sockets', 'half-open'])(
    '%s reaches its sockets as it does RTM’s',
    async (name) => {
      const stage = await setStage()
      await stage.rtm()
      await stage.socketMode()
      fault(stage, { fault: name, code: 1011 })
      const sockets = stage.simulator.slack.state()[0]?.sockets ?? []
      expect(sockets.filter(({ frozen }) => !frozen)).toEqual([])
    },
  )

  it('revoke-token ends its sockets and refuses both tokens', async () => {
    const stage = await setStage()
    const wire = await stage.socketMode()
    fault(stage, { fault: 'revoke-token', bot: stage.slackBot.userId })
    expect(await wire.closed).toBe(1006)
    const { appToken, token } = stage.slackBot
    for (const [method, by] of [
      ['apps.connections.open', appToken],
      ['auth.test', token],
    ] as const)
      expect(await stage.slack(method, {}, by)).toMatchObject({ error: 'invalid_auth' })
  })

  it('clear takes back what still waits', async () => {
    const stage = await setStage()
    await stage.socketMode()
    const armed = [
      'too-many-websockets',
      'link-disabled',
      'connect-error',
      'migrate',
      'lose-acknowledgements',
    ]
    for (const name of [...armed, 'clear']) fault(stage, { fault: name })
    const wire = await stage.socketMode()
    await stage.rtm()
    say(stage, 'hi')
    wire.send({ envelope_id: (await wire.next({ type: 'events_api' })).envelope_id })
    await stage.simulator.record.until((e) => e.kind === 'envelope' && e.what === 'acknowledged')
  })
})

function fault({ simulator }: Stage, ask: Omit<FaultRequest, 'platform'>): void {
  simulator.fault({ platform: 'slack', ...ask })
}

function say({ simulator, slackChannel }: Stage, text: string) {
  return simulator.slack.say({ channel: slackChannel, user: 'U1', text })
}
