import { ProblemError } from '@holdfast/runtime'
import { describe, expect, test } from 'vitest'
import { type Command, command } from '../src/command.ts'
import { runCommandLine } from '../src/command-line.ts'

const greet = command({
  name: 'greet',
  summary: 'Says hello',
  flags: {
    name: { type: 'string', value: 'NAME', help: 'whom' },
    loud: { type: 'boolean', help: 'with an exclamation mark' },
  },
  run: async ({ name = 'world', loud }, { out }) => {
    if (name === 'nobody') throw new ProblemError('nobody', '--name: nobody is no one; name someone')
    if (name === 'bug') throw new Error('one\ntwo')
    out(`hello ${name}${loud ? '!' : ''}`)
    return 0
  },
})

async function holdfast(...args: string[]) {
  const lines: { out: string[]; err: string[] } = { out: [], err: [] }
  const terminal = {
    env: {},
    out: (line: string) => void lines.out.push(line),
    err: (line: string) => void lines.err.push(line),
  }
  const commands: readonly Command[] = [greet as Command]
  const code = await runCommandLine({ commands, version: '1.2.3' }, args, terminal)
  return { code, out: lines.out.join('\n'), err: lines.err.join('\n') }
}

describe('holdfast', () => {
  test('runs a command with its options', async () => {
    expect(await holdfast('greet', '--name', 'you', '--loud')).toEqual({
      code: 0,
      out: 'hello you!',
      err: '',
    })
  })

  test('tells its version', async () => {
    expect(await holdfast('--version')).toEqual({ code: 0, out: '1.2.3', err: '' })
  })

  test('lists its commands and exit codes on --help', async () => {
    const { code, out } = await holdfast('--help')
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}greet {2,}Says hello$/m)
    expect(out).toMatch(/^ {2}0 {2}.*\n {2}1 {2}.*\n {2}2 {2}/m)
  })

  test('lists the options of a command on its --help', async () => {
    const { code, out } = await holdfast('greet', '--help')
    expect(code).toBe(0)
    expect(out).toMatch(/^ {2}--name NAME {2,}whom$/m)
  })

  test('shows the help with exit code 2 when nothing was asked', async () => {
    expect(await holdfast()).toMatchObject({ code: 2, out: expect.stringContaining('Usage:') })
  })

  test.each([
    [['gret'], 'holdfast: unknown command "gret"; did you mean "greet"?'],
    [['deploy'], 'holdfast: unknown command "deploy"; see holdfast --help'],
    [['--verison'], 'holdfast: unknown option "--verison"; see holdfast --help'],
    [['greet', '--nam', 'x'], 'holdfast: greet: unknown option "--nam"; did you mean "name"?'],
    [['greet', '--zzz'], 'holdfast: greet: unknown option "--zzz"; see holdfast greet --help'],
  ])('answers %j with one line and exit code 2', async (args, err) => {
    expect(await holdfast(...args)).toEqual({ code: 2, out: '', err })
  })

  test('says so where an option lacks its value or an argument is too much', async () => {
    expect(await holdfast('greet', '--name')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^holdfast: greet: .*--name/),
    })
    expect(await holdfast('greet', 'you')).toMatchObject({
      code: 2,
      err: expect.stringMatching(/^holdfast: greet: .*you/),
    })
  })

  test('shows what a person must put right as one line, with exit code 2', async () => {
    const err = 'holdfast: --name: nobody is no one; name someone'
    expect(await holdfast('greet', '--name', 'nobody')).toEqual({ code: 2, out: '', err })
  })

  test('shows a defect as one line without a stack, with exit code 1', async () => {
    const err = 'holdfast: stopped by an unexpected error: one two'
    expect(await holdfast('greet', '--name', 'bug')).toEqual({ code: 1, out: '', err })
  })
})
