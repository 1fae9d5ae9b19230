/** In a process of its own, built: what a handler that was put away leaves behind does to it. */
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'

const SCRIPT = join(import.meta.dirname, 'fixtures', 'leftovers.mjs')

const start = (...words: string[]) =>
  promisify(execFile)(process.execPath, ['--expose-gc', SCRIPT, ...words]).then(
    ({ stdout }) => ({ code: 0, stdout, stderr: '' }),
    ({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => ({
      code,
      stdout,
      stderr,
    }),
  )

test('a promise that it left behind may be rejected, and nothing of it stays in memory', async () => {
  const { code, stdout } = await start()
  expect(stdout.split('\n')).toEqual([
    'suspended',
    'work beside a sleep or a wait failed after its handler was put away: put it into a ctx.step, or await it before',
    'freed',
    '',
  ])
  expect(code).toBe(0)
})

test('any other rejection that nobody awaits ends the process, as Node does', async () => {
  const { code, stdout, stderr } = await start('stray')
  expect(stdout).toBe('suspended\n')
  expect(stderr).toContain('Error: stray')
  expect(code).toBe(1)
})
