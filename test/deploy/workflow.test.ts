import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { PROJECT } from './build-context.ts'
import { readComposition, readEnvFile } from './composition.ts'

interface Job {
  readonly 'timeout-minutes': number
  readonly strategy?: { readonly matrix: Readonly<Record<string, readonly unknown[]>> }
  readonly defaults?: { readonly run: { readonly 'working-directory': string } }
  readonly env?: Readonly<Record<string, string>>
  readonly steps: readonly { readonly uses?: string; readonly run?: string; readonly if?: string }[]
}

const read = (file: string) => readFileSync(join(PROJECT, file), 'utf8')
const workflow = parse(read('.github/workflows/ci.yml'))
const jobs = Object.entries<Job>(workflow.jobs)
const { scripts, engines } = JSON.parse(read('package.json'))

test('may read the repository and nothing else, and a newer run ends an older one', () => {
  expect(workflow.permissions).toEqual({ contents: 'read' })
  expect(workflow.concurrency['cancel-in-progress']).toBe(true)
})

test('tests every version of Node that is supported, with Redis and without', () => {
  const { node, redis } = workflow.jobs.test.strategy.matrix
  expect(node).toEqual([20, 22, 24])
  expect(redis).toEqual(['installed', 'absent'])
  expect(engines.node).toBe(`>=${node[0]}.19`)
})

describe.each(jobs)('job %s', (_, job) => {
  const lines = job.steps.flatMap(({ run }) => run?.split('\n') ?? [])
  const folder = job.defaults?.run['working-directory'] ?? '.'

  test('ends by itself', () => {
    expect(job['timeout-minutes']).toBeGreaterThan(0)
    expect(job['timeout-minutes']).toBeLessThanOrEqual(30)
  })

  test('names actions by their major version, scripts and files that are there', () => {
    const actions = job.steps.flatMap(({ uses }) => uses ?? [])
    for (const action of actions) expect(action).toMatch(/^[\w-]+\/[\w-]+@v\d+$/)
    for (const [, name = ''] of lines.join('\n').matchAll(/npm (?:run )?(test|[a-z-]+)/g))
      expect(Object.keys(scripts)).toContain(name)
    for (const [, file = ''] of lines
      .join('\n')
      .matchAll(/(?:^|\s)(?:node )?(\.ci\/\w+|\.\/\w+\.sh|\w+\.mjs)/g))
      expect(existsSync(join(PROJECT, folder, file)), file).toBe(true)
  })

  test('compares in its conditions with values that its matrix has', () => {
    for (const { if: condition = '' } of job.steps)
      for (const [, key = '', value] of condition.matchAll(/matrix\.(\w+) == '(\w+)'/g))
        expect(job.strategy?.matrix[key]).toContain(value)
  })
})

test('the Compose job starts the simulator with the settings that go with it', () => {
  const { env = {} } = workflow.jobs.compose as Job
  expect(Object.keys(readEnvFile(env.COMPOSE_ENV_FILES ?? ''))).toContain('SLACK_API_URL')
  expect(readComposition().services.simulator?.profiles).toEqual([env.COMPOSE_PROFILES])
})
