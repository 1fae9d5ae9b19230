import { execFile } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { env, execPath } from 'node:process'
import { promisify } from 'node:util'
import { freePort } from '@holdfast/runtime'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { PROJECT } from './build-context.ts'
import { CLEAN } from './container.ts'
import { Deployment, writableFolder } from './deployment.ts'
import { type Image, ImageBuilder } from './images.ts'
import { RegistryAway } from './layers.ts'

/** The images, built by their Dockerfiles' own steps and started as compose.yaml says, without a Docker engine. */
const CONSOLE = existsSync(join(PROJECT, 'services/console/bin/holdfast-console.js')) ? ['console'] : []
const NAMES = ['gateway', 'worker', 'simulator', ...CONSOLE]
const REDIS = env.REDIS_URL ?? 'redis://127.0.0.1:6379'
const NOTHING_LISTENS = 'redis://127.0.0.1:1'

/** Tens of thousands of small files: half a minute, or several on a machine with other work. */
const SLOW_DISK_MS = 600_000

const builder = new ImageBuilder(NAMES)
const images = new Map<string, Image>()
let away: RegistryAway | undefined

beforeAll(async () => {
  try {
    const build = async (name: string) => images.set(name, await builder.build(name))
    await Promise.all(NAMES.map(build))
  } catch (error) {
    if (!(error instanceof RegistryAway)) throw error
    away = error
  }
}, SLOW_DISK_MS)
afterAll(() => builder.remove(), SLOW_DISK_MS)

beforeEach(({ skip }) => {
  if (away) skip(`the npm registry, which the images are built from, did not answer: ${away.message}`)
})

const deploy = (redisUrl = REDIS) => Deployment.create(images, redisUrl)

test('a deployment becomes healthy in any order, answers on both platforms, and ends with 0 in its grace', async () => {
  const deployment = await deploy()
  const gateway = deployment.container('gateway')
  const simulator = deployment.container('simulator')
  const workers = [deployment.container('worker'), deployment.container('worker')]
  for (const container of [gateway, simulator, ...workers]) expect(await container.health()).toBe(1)

  gateway.start()
  for (const worker of workers) worker.start()
  await gateway.says('the gateway runs')
  expect(await gateway.health(), 'without the platforms it runs, but is not ready').toBe(1)
  simulator.start()
  for (const container of [simulator, gateway, ...workers]) await container.healthy()

  const smoke = promisify(execFile)(execPath, [join(PROJECT, 'deploy/smoke.mjs'), deployment.urlOf(8070)])
  expect((await smoke).stdout).toBe('answered on both platforms\n')

  const [first, ...others] = workers
  expect(await first?.stop()).toEqual(CLEAN)
  expect(await first?.health()).toBe(1)
  for (const container of [...others, gateway, simulator]) expect(await container.stop()).toEqual(CLEAN)
})

test('a new gateway beside the old one becomes healthy by taking over, the old one leaves with 0, and the bot answers on', async () => {
  const deployment = await deploy()
  const names = ['simulator', 'worker', 'gateway'] as const
  const [simulator, worker, old] = names.map((name) => deployment.container(name).start())
  for (const container of [simulator, worker, old]) await container?.healthy()
  // In Docker each has a port of its own.
  const own = { HOLDFAST_DEPLOY_ID: 'next', HOLDFAST_HTTP_PORT: String(await freePort()) }
  const next = deployment.container('gateway', own).start()
  await next.healthy()
  expect(await old?.stop()).toEqual(CLEAN)
  const smoke = promisify(execFile)(execPath, [join(PROJECT, 'deploy/smoke.mjs'), deployment.urlOf(8070)])
  expect((await smoke).stdout).toBe('answered on both platforms\n')
  for (const container of [worker, next, simulator]) expect(await container?.stop()).toEqual(CLEAN)
})

test('the gateway writes its journal where it is told to, and nowhere else', async () => {
  const folder = join(writableFolder(), 'journal')
  // Only Socket Mode has events that need one.
  const tokens = { SLACK_APP_TOKEN: 'xapp-1', SLACK_BOT_TOKEN: 'xoxb-1', DISCORD_TOKEN: '' }
  const gateway = (await deploy()).container('gateway', { ...tokens, HOLDFAST_JOURNAL_DIR: folder })
  await gateway.start().says('the gateway runs')
  expect(readdirSync(folder)).toHaveLength(1)
  expect(await gateway.stop()).toEqual(CLEAN)
  expect(readdirSync(folder)).toEqual([])
})

test.skipIf(CONSOLE.length === 0)('the console becomes healthy and ends with 0', async () => {
  const console = (await deploy()).container('console')
  expect(await console.health()).toBe(1)
  await console.start().healthy()
  expect(await console.stop()).toEqual(CLEAN)
})

test.each(['gateway', 'worker'] as const)(
  'a %s whose Redis is away waits for it, and ends with 0',
  async (name) => {
    const container = (await deploy(NOTHING_LISTENS)).container(name)
    await container.start().says('waiting for it')
    expect(await container.stop()).toEqual(CLEAN)
  },
)

describe('what a person must put right is told in one line, with exit code 2', () => {
  test.each([
    ['no tokens', { SLACK_BOT_TOKEN: '', DISCORD_TOKEN: '' }, 'no connections are configured'],
    ['a token of another kind', { SLACK_BOT_TOKEN: 'xapp-1-secret' }, 'environment variable SLACK_BOT_TOKEN'],
  ])('gateway: %s', async (_, variables, line) => {
    const { code, stderr } = await (await deploy()).container('gateway', variables).start().ended
    expect(code).toBe(2)
    expect(stderr).toMatch(/^holdfast-gateway: [^\n]+\n$/)
    expect(stderr).toContain(line)
  })
})

describe.each(NAMES)('the image of the %s', (name) => {
  const filesOf = () => {
    const { root } = images.get(name) ?? { root: '' }
    return readdirSync(root, { recursive: true, encoding: 'utf8' }).map((file) => join(root, file))
  }

  test('holds nothing but what runs: no tools, no sources, no tests, no settings', () => {
    const own = filesOf().filter((file) => !file.includes('/node_modules/'))
    const unwanted = /(?<!dist)\/(src|test|page)(\/|$)|\.env|(?<!\.d)\.tsx?$/
    expect(own.filter((file) => unwanted.test(file))).toEqual([])
    const packages = filesOf().flatMap((file) => /\/holdfast\/node_modules\/([^/]+)$/.exec(file)?.[1] ?? [])
    expect(packages).not.toEqual([])
    for (const tool of ['typescript', 'turbo', 'vite', 'vitest', '@biomejs', 'playwright-core'])
      expect(packages).not.toContain(tool)
  })

  test('can be written by nobody', () => {
    const writable = filesOf().filter((file) => existsSync(file) && (statSync(file).mode & 0o222) !== 0)
    expect(writable).toEqual([])
  })
})
