import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setImmediate } from 'node:timers/promises'
import { ManualClock } from '@holdfast/runtime'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { impatient } from '../../src/drivers/rest-call.ts'
import { callSlack } from '../../src/drivers/slack-api.ts'

describe('a call over a connection that was kept and has died', () => {
  let server: Server
  let arrivals: { socket: Socket; response: ServerResponse }[]
  let onArrival: () => void
  let clock: ManualClock

  beforeEach(async () => {
    arrivals = []
    clock = new ManualClock()
    server = createServer(({ socket }, response) => {
      arrivals.push({ socket, response })
      onArrival()
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  })
  afterEach(() => {
    expect(clock.timerCount).toBe(0)
    server.closeAllConnections()
    server.close()
  })

  async function call() {
    const arrived = new Promise<void>((resolve) => {
      onArrival = resolve
    })
    const { port } = server.address() as AddressInfo
    const api = { apiUrl: `http://127.0.0.1:${port}`, token: 'x', fetch: impatient(fetch, clock) }
    const answer = callSlack(api, 'rtm.connect', {}, new AbortController().signal)
    await arrived
    return { answer, ...arrivals.at(-1) }
  }

  it('is given up after 10 s, and the next goes over another', async () => {
    const first = await call()
    first.response?.end('{"ok":true}')
    await first.answer
    // The connection is put by only after the answer was read.
    await setImmediate()

    const silent = await call()
    expect(silent.socket).toBe(first.socket)
    clock.advance(10_000)
    expect(await silent.answer).toEqual({ ok: false, error: 'unreachable', reason: 'no answer within 10 s' })

    const next = await call()
    expect(next.socket).not.toBe(first.socket)
    next.response?.end('{"ok":true}')
    expect(await next.answer).toMatchObject({ ok: true })
  })
})
