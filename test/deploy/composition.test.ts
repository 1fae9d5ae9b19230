import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadConfig } from '@holdfast/runtime'
import { createSimulator } from '@holdfast/simulator'
import { describe, expect, onTestFinished, test } from 'vitest'
import { contextFiles, PROJECT, readDockerignore } from './build-context.ts'
import { graceMs, readComposition, readEnvFile } from './composition.ts'
import { execForm, readPairs, stagesOf } from './dockerfile.ts'

const { services, networks, volumes } = readComposition()
const all = Object.entries(services)
const built = all.filter(([, service]) => service.build !== undefined)
const DEPLOY = join(PROJECT, 'deploy')

/** What each process takes to stop at most, in its own defaults. */
const STOPS_WITHIN_MS: Readonly<Record<string, number>> = {
  gateway: loadConfig({ env: { DISCORD_TOKEN: 'any' } }).gateway.stopGraceMs + 5_000,
  worker: 10_000 + 2_000,
}

const bytes = (text: string | number | undefined): number => {
  const [, count = '0', unit = ''] = /^(\d+)(m|mb|g|gb)$/.exec(String(text)) ?? []
  return Number(count) * (unit.startsWith('g') ? 1024 ** 3 : 1024 ** 2)
}

describe.each(all)('service %s', (_, service) => {
  test('starts again, has bounds for memory and logs, and lives on networks that exist', () => {
    expect(service.restart).toBe('unless-stopped')
    expect(bytes(service.deploy.resources.limits.memory)).toBeGreaterThan(0)
    expect(service.logging.options).toEqual({ 'max-size': '10m', 'max-file': '3' })
    for (const network of service.networks) expect(networks).toHaveProperty(network)
  })

  test('is published on this machine only, and depends on what exists and has a health check', () => {
    for (const port of service.ports ?? []) expect(port).toMatch(/^127\.0\.0\.1:\d+(-\d+)?:\d+$/)
    for (const [name, { condition }] of Object.entries(service.depends_on ?? {})) {
      expect(condition).toBe('service_healthy')
      expect(services[name]?.build ?? services[name]?.healthcheck).toBeDefined()
    }
  })
})

describe.each(built)('the image of service %s', (name, service) => {
  const [build, final] = stagesOf(name)
  const last = (keyword: string) => final.instructions.findLast((each) => each.keyword === keyword)

  test('is built from the repository by its own Dockerfile, on one version of Node', () => {
    expect(service.build?.context).toBe('..')
    expect(service.build?.dockerfile).toBe(`deploy/docker/${name}.Dockerfile`)
    expect([build.base, final.base]).toEqual(['node:24-slim', 'node:24-slim'])
  })

  test('runs node itself, as a user who is not root, on files that nobody writes', () => {
    expect(execForm(last('ENTRYPOINT')?.text ?? '')?.[0]).toBe('node')
    expect(last('STOPSIGNAL')?.text).toBe('SIGTERM')
    expect(last('USER')?.text).toBe('1000:1000')
    expect(service).toMatchObject({ read_only: true, cap_drop: ['ALL'] })
    expect(service.tmpfs).toEqual([expect.stringMatching(/^\/tmp:/)])
  })

  test('tells its health, and publishes the port it exposes or none', () => {
    expect(last('HEALTHCHECK')?.text).toMatch(/^CMD /)
    const inside = service.ports?.map((port) => port.split(':').at(-1))
    expect(inside?.[0]).toBe(last('EXPOSE')?.text)
  })

  test('gets time to stop: more than the process takes at most', () => {
    expect(graceMs(service)).toBeGreaterThan(STOPS_WITHIN_MS[name] ?? 0)
  })
})

test('workers can run side by side: two of them, without a name or port of their own', () => {
  expect(services.worker?.deploy.replicas).toBe(2)
  expect(services.worker).not.toHaveProperty('container_name')
  expect(services.worker).not.toHaveProperty('ports')
})

test('an old gateway and a new one can run side by side: no name, one port of two, and an id of its own each', () => {
  const { gateway } = services
  expect(gateway).not.toHaveProperty('container_name')
  const [, first, last] = /^127\.0\.0\.1:(\d+)-(\d+):8080$/.exec(gateway?.ports?.join() ?? '') ?? []
  expect(Number(last) - Number(first)).toBe(1)
  // By default it is the host's name, which is the container's id, and the process id, which is 1.
  expect(gateway?.environment).not.toHaveProperty('HOLDFAST_REPLICA_ID')
})

test('images of another tag are another rollout, which has to prove itself', () => {
  const deployOf = (version: string) =>
    readComposition({ HOLDFAST_VERSION: version }).services.gateway?.environment?.HOLDFAST_DEPLOY_ID
  expect([deployOf('v1'), deployOf('v2'), deployOf('')]).toEqual(['v1', 'v2', ''])
})

test('the gateway keeps its journal in a volume, at the one place that its user may write to', () => {
  const [, final] = stagesOf('gateway')
  const variables = final.instructions
    .filter(({ keyword }) => keyword === 'ENV')
    .map(({ text }) => readPairs(text))
  const { HOLDFAST_JOURNAL_DIR: folder } = Object.assign({}, ...variables)
  const [[name = '', place = ''] = []] = services.gateway?.volumes?.map((volume) => volume.split(':')) ?? []
  expect(volumes).toHaveProperty(name)
  expect(place).toBe('/home/node')
  expect(folder).toBe(`${place}/journal`)
})

test('Redis is reached from inside alone, keeps its data, and refuses long before it is out of memory', () => {
  const redis = services.redis
  expect(redis?.networks).toEqual(['queue'])
  expect(networks.queue?.internal).toBe(true)
  expect(redis).not.toHaveProperty('ports')
  for (const volume of redis?.volumes ?? []) {
    const [source = ''] = volume.split(':')
    expect(source.startsWith('./') ? existsSync(join(DEPLOY, source)) : source in volumes).toBe(true)
  }
  const [, maxMemory] = /--maxmemory (\S+)/.exec(redis?.command ?? '') ?? []
  expect(bytes(maxMemory)).toBeGreaterThan(0)
  expect(bytes(redis?.deploy.resources.limits.memory)).toBeGreaterThanOrEqual(2 * bytes(maxMemory))
})

test('the simulator runs with its profile alone, and the gateway waits for it then', () => {
  expect(all.filter(([, { profiles }]) => profiles).map(([name]) => name)).toEqual(['simulator'])
  expect(services.simulator?.profiles).toEqual(['simulate'])
  expect(services.gateway?.depends_on?.simulator?.required).toBe(false)
})

test('simulate.env has the tokens that the simulator makes up', async () => {
  const simulator = createSimulator()
  onTestFinished(() => simulator.stop())
  const { slack, discord } = await simulator.start()
  expect(readEnvFile('simulate.env')).toMatchObject({
    SLACK_BOT_TOKEN: slack.bots[0]?.token,
    DISCORD_TOKEN: discord.bots[0]?.token,
  })
})

test('every variable of the example is used by compose.yaml, and tokens have no default', () => {
  const text = readFileSync(join(DEPLOY, 'compose.yaml'), 'utf8')
  const used = [...text.matchAll(/\$\{(\w+)/g)].map(([, name]) => name)
  for (const file of ['.env.example', 'simulate.env'])
    expect(used).toEqual(expect.arrayContaining(Object.keys(readEnvFile(file))))
  const tokens = { DISCORD_TOKEN: '', SLACK_BOT_TOKEN: '', SLACK_APP_TOKEN: '' }
  expect(readEnvFile('.env.example')).toMatchObject(tokens)
  expect(services.gateway?.environment).toMatchObject(tokens)
})

test('no image is sent tokens, and every image is sent what it is built from', () => {
  const ignored = readDockerignore()
  for (const file of [
    'deploy/.env',
    '.env',
    'deploy/.env.prod',
    'holdfast.yaml',
    '.git/config',
    'node_modules/x/y',
  ])
    expect(ignored(file), file).toBe(true)
  expect(contextFiles()).toEqual(
    expect.arrayContaining([
      'package-lock.json',
      'turbo.json',
      'tsconfig.base.json',
      'deploy/docker/probe.mjs',
    ]),
  )
})
