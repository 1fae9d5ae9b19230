import { afterEach, describe, expect, test } from 'vitest'
import {
  type Check,
  createHttpServer,
  createMetricsRegistry,
  type HttpServer,
  readinessOf,
} from '../src/index.ts'

const servers: HttpServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop()
})

function serve(checks: () => Check[] = () => [], port = 0, host = '127.0.0.1'): HttpServer {
  const metrics = createMetricsRegistry({ process: true })
  const server = createHttpServer({ host, port, metrics, readiness: () => readinessOf(checks()) })
  servers.push(server)
  return server
}

describe('the HTTP side of a service', () => {
  test('is live even when it is not ready', async () => {
    const server = serve(() => [{ name: 'redis', status: 'failed', why: 'away' }])
    await server.start()
    expect((await fetch(`${server.address}/livez`)).status).toBe(200)
    const ready = await fetch(`${server.address}/readyz`)
    expect(ready.status).toBe(503)
    expect(await ready.json()).toEqual({
      status: 'unready',
      checks: [{ name: 'redis', status: 'failed', why: 'away' }],
    })
  })

  test('is ready though something is broken for good, and says so', async () => {
    const server = serve(() => [
      { name: 'a', status: 'ok' },
      { name: 'b', status: 'degraded', why: 'token revoked' },
    ])
    await server.start()
    const ready = await fetch(`${server.address}/readyz`)
    expect(ready.status).toBe(200)
    expect(await ready.json()).toMatchObject({ status: 'degraded' })
  })

  test('shows its metrics as Prometheus text', async () => {
    const server = serve()
    await server.start()
    const response = await fetch(`${server.address}/metrics`)
    expect(response.headers.get('content-type')).toContain('text/plain')
    expect(await response.text()).toContain('process_resident_memory_bytes')
  })

  test('answers an unknown path with 404', async () => {
    const server = serve()
    await server.start()
    expect((await fetch(`${server.address}/nowhere`)).status).toBe(404)
  })

  test('tells in one line that its port is in use', async () => {
    const first = serve()
    await first.start()
    const port = Number(new URL(first.address).port)
    await expect(serve(undefined, port).start()).rejects.toMatchObject({
      code: 'port-in-use',
      message: `http: port ${port} on 127.0.0.1 is already in use: stop what listens there, or set http.port`,
    })
  })

  test('tells in one line that its host is no address of this machine', async () => {
    await expect(serve(undefined, 0, '203.0.113.1').start()).rejects.toMatchObject({ code: 'bad-host' })
  })

  test('stops while a client keeps its connection open', async () => {
    const server = serve()
    await server.start()
    const { address } = server
    await (await fetch(`${address}/livez`)).text()
    await server.stop()
    await expect(fetch(`${address}/livez`)).rejects.toThrow('fetch failed')
  })
})
