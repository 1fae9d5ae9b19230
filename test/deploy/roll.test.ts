import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'
import { expect, onTestFinished, test } from 'vitest'
import { PROJECT } from './build-context.ts'

interface Rolled {
  readonly code: number
  readonly stderr: string
  /** What `docker` was asked, but for the question whether docker-rollout is there. */
  readonly asked: readonly string[]
}

/** Runs roll.sh with a `docker` that writes down what it is asked; a request with a word of `failing` in it fails. */
async function roll(services: readonly string[], failing = 'nothing'): Promise<Rolled> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-roll-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const record = join(folder, 'asked')
  const docker = `#!/bin/sh\necho "$*" >>'${record}'\ncase "$*" in *${failing}*) exit 1 ;; esac\n`
  writeFileSync(join(folder, 'docker'), docker, { mode: 0o755 })
  writeFileSync(record, '')
  const options = { env: { ...env, PATH: `${folder}:${env.PATH}` } }
  return new Promise((resolve) =>
    execFile(join(PROJECT, 'deploy/roll.sh'), services, options, (error, _, stderr) => {
      const asked = readFileSync(record, 'utf8').split('\n').filter(Boolean)
      resolve({
        code: Number(error?.code ?? 0),
        stderr,
        asked: asked.filter((line) => !line.endsWith('--help')),
      })
    }),
  )
}

const REPLACE = 'compose up --detach --no-deps --wait --wait-timeout 120'

test('rolls workers and gateway side by side, then replaces the console', async () => {
  expect(await roll([])).toEqual({
    code: 0,
    stderr: '',
    asked: [
      'compose build worker gateway console',
      'rollout --timeout 60 worker',
      'rollout --timeout 180 gateway',
      `${REPLACE} console`,
    ],
  })
})

test('rolls the named service alone', async () => {
  const asked = ['compose build gateway', 'rollout --timeout 180 gateway']
  expect((await roll(['gateway'])).asked).toEqual(asked)
  expect((await roll(['console'])).asked).toEqual(['compose build console', `${REPLACE} console`])
})

test('goes no further after a build or a roll that failed', async () => {
  const noBuild = await roll([], 'build')
  expect(noBuild).toMatchObject({ code: 1, asked: ['compose build worker gateway console'] })
  const noRoll = await roll([], 'timeout')
  expect(noRoll.code).toBe(1)
  expect(noRoll.asked.at(-1)).toBe('rollout --timeout 60 worker')
})

test.each([
  [
    'an unknown service',
    ['bot'],
    'nothing',
    'roll.sh: unknown service "bot": use worker, gateway or console\n',
  ],
  [
    'Redis',
    ['worker', 'redis'],
    'nothing',
    expect.stringMatching(/^roll\.sh: redis holds everything[^\n]*\n$/),
  ],
  [
    'workers without the plugin',
    [],
    'rollout',
    expect.stringMatching(/^roll\.sh: docker rollout is missing[^\n]* worker\n$/),
  ],
  [
    'a gateway without the plugin',
    ['gateway'],
    'rollout',
    expect.stringMatching(/^roll\.sh: docker rollout is missing[^\n]* gateway\n$/),
  ],
])('refuses %s in one line, with nothing touched', async (_, services, failing, stderr) => {
  expect(await roll(services, failing)).toEqual({ code: 2, stderr, asked: [] })
})
