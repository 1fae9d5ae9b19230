import { describe, expect, test } from 'vitest'
import { consoleCommand } from '../src/command.ts'
import { type RunConsoleOptions, runConsole } from '../src/run.ts'

async function run(...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const ran: RunConsoleOptions[] = []
  const code = await consoleCommand(
    args,
    { stdout: { write: (text) => out.push(text) }, stderr: { write: (text) => err.push(text) } },
    async (options) => {
      ran.push(options)
      return 0
    },
  )
  return { code, out: out.join(''), err: err.join(''), ran }
}

describe('holdfast-console', () => {
  test.each([
    [['--config', 'a.yaml', '--port', '1'], { config: 'a.yaml', port: '1' }],
    [['-c', 'a.yaml', '-p', '1'], { config: 'a.yaml', port: '1' }],
    [[], { config: undefined, port: undefined }],
  ])('%j runs with that', async (args, options) => {
    expect(await run(...args)).toMatchObject({ code: 0, ran: [options], err: '' })
  })

  test('tells its usage and its version', async () => {
    expect((await run('--help')).out).toContain('Exit codes: 0')
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each([
    [['--prot', '1'], 'holdfast-console: unknown option "--prot"; did you mean "--port"?\n'],
    [['--zebra'], 'holdfast-console: unknown option "--zebra"; see --help\n'],
  ])('%j is one line and exit code 2', async (args, err) => {
    expect(await run(...args)).toMatchObject({ code: 2, err, ran: [] })
  })
})

describe('a console that can not start', () => {
  test.each<[why: string, options: RunConsoleOptions, line: RegExp]>([
    ['a port that is none', { port: 'web' }, /^holdfast-console: --port is "web"; give a whole number/],
    [
      'a bad port in the environment',
      { env: { HOLDFAST_CONSOLE_PORT: '70000' } },
      /^holdfast-console: environment variable HOLDFAST_CONSOLE_PORT: console\.port: must be at most 65535$/,
    ],
    [
      'a Redis that does not answer',
      { env: { REDIS_URL: 'redis://127.0.0.1:1' } },
      /^holdfast-console: Redis at redis:\/\/127\.0\.0\.1:1 does not answer/,
    ],
  ])('%s: is told in one line, with exit code 2', async (_, options, line) => {
    const lines: string[] = []
    const write = process.stderr.write.bind(process.stderr)
    process.stderr.write = (text: string | Uint8Array) => lines.push(String(text)) > 0
    const code = await runConsole({ env: {}, cwd: '/', ...options }).finally(() => {
      process.stderr.write = write
    })
    expect([code, lines.length]).toEqual([2, 1])
    expect(lines[0]?.trimEnd()).toMatch(line)
  })
})
