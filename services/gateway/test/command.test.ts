import { describe, expect, test } from 'vitest'
import { gatewayCommand } from '../src/command.ts'
import type { RunGatewayOptions } from '../src/run.ts'

async function run(...args: string[]) {
  const out: string[] = []
  const err: string[] = []
  const ran: RunGatewayOptions[] = []
  const code = await gatewayCommand(
    args,
    { stdout: { write: (text) => out.push(text) }, stderr: { write: (text) => err.push(text) } },
    async (options) => {
      ran.push(options)
      return 0
    },
  )
  return { code, out: out.join(''), err: err.join(''), ran }
}

describe('holdfast-gateway', () => {
  test.each([
    [['--config', 'a.yaml'], 'a.yaml'],
    [['--config=a.yaml'], 'a.yaml'],
    [['-c', 'a.yaml'], 'a.yaml'],
    [[], undefined],
  ])('%j runs with that configuration', async (args, config) => {
    expect(await run(...args)).toMatchObject({ code: 0, ran: [{ config }], err: '' })
  })

  test('tells its usage and its exit codes', async () => {
    const { code, out } = await run('--help')
    expect(code).toBe(0)
    expect(out).toContain('Exit codes: 0')
  })

  test('tells its version', async () => {
    expect((await run('--version')).out).toMatch(/^\d+\.\d+\.\d+\n$/)
  })

  test.each([
    [['--confg', 'x'], 'holdfast-gateway: unknown option "--confg"; did you mean "--config"?\n'],
    [['--zebra'], 'holdfast-gateway: unknown option "--zebra"; see --help\n'],
  ])('%j is one line and exit code 2', async (args, err) => {
    expect(await run(...args)).toMatchObject({ code: 2, err, ran: [] })
  })

  test.each([[['start']], [['--config']], [['-x']]])('%j is bad usage, on one line', async (args) => {
    const { code, err, ran } = await run(...args)
    expect(code).toBe(2)
    expect(err).toMatch(/^holdfast-gateway: [^\n]+; see --help\n$/)
    expect(ran).toEqual([])
  })
})
