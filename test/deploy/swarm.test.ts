import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { env } from 'node:process'
import { loadConfig } from '@holdfast/runtime'
import { describe, expect, onTestFinished, test } from 'vitest'
import { PROJECT } from './build-context.ts'
import { writableFolder } from './deployment.ts'
import { readStack } from './manifests.ts'

const stack = readStack()
const services = Object.entries(stack)
const { gateway } = stack

describe.each(services)('service %s of the stack', (name, { deploy, stop_grace_period: grace, ports }) => {
  test('starts new ones first, one by one, and goes back by itself', () => {
    const { order, parallelism, failure_action: onFailure, monitor } = deploy.update_config
    expect({ order, parallelism, onFailure }).toEqual({
      order: 'start-first',
      parallelism: 1,
      onFailure: 'rollback',
    })
    expect(monitor).toMatch(/^\d+s$/)
    expect(deploy.rollback_config.order).toBe('start-first')
    expect(deploy.replicas).toBeGreaterThan(1)
  })

  test('gives time to stop, and takes no port that its successor would want', () => {
    const { stopGraceMs } = loadConfig({ env: { DISCORD_TOKEN: 'any' } }).gateway
    const stopsWithinMs = name === 'gateway' ? stopGraceMs + 5_000 : 10_000 + 2_000
    expect(Number.parseInt(grace, 10) * 1_000).toBeGreaterThan(stopsWithinMs)
    expect(ports).toBeUndefined()
  })
})

test('each task of the gateway has a replica id of its own, also two of one slot, and each release is a rollout', () => {
  const { HOLDFAST_REPLICA_ID: replica, HOLDFAST_DEPLOY_ID: deploy } = gateway?.environment ?? {}
  // Task.Name is service.slot.task id.
  expect(replica).toMatch(/\{\{\.Task\.(ID|Name)\}\}/)
  expect(deploy).toMatch(/^\$\{HOLDFAST_VERSION\}$/)
})

test('the health of a gateway is readiness until it was ready once, then liveness', async () => {
  let ready = 503
  const server = createServer(({ url }, response) =>
    response.writeHead(url === '/livez' ? 200 : ready).end('{}'),
  )
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  const { port } = server.address() as AddressInfo
  const folder = writableFolder()
  const [form, line = ''] = gateway?.healthcheck?.test ?? []
  expect(form).toBe('CMD-SHELL')
  // Compose keeps a `$$` as one `$` for the container's shell.
  const command = line.replaceAll('$$', '$').replaceAll('/tmp/', `${folder}/`)
  const health = async () => {
    const check = spawn('sh', ['-c', command], {
      cwd: join(PROJECT, 'deploy/docker'),
      env: { PATH: env.PATH, HOLDFAST_HTTP_PORT: String(port) },
      stdio: 'ignore',
    })
    return (await once(check, 'close'))[0]
  }
  expect(await health(), 'not ready yet').toBe(1)
  ready = 200
  expect(await health(), 'ready').toBe(0)
  ready = 503
  expect(await health(), 'not ready any more, and alive').toBe(0)
})
