import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'

const SCRIPTS = join(import.meta.dirname, '../scripts')

/** A script that gets to its work is ended, and fails the test. */
function say(script: string, ...words: readonly string[]) {
  const path = join(SCRIPTS, `${script}.mjs`)
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...words], {
    encoding: 'utf8',
    timeout: 20_000,
  })
  return { status, stdout, stderr }
}

describe('the scripts of the project', () => {
  test.each(['fuzz', 'chaos', 'proof', 'fidelity', 'bench'])(
    '%s tells how it is used, and does nothing else',
    (script) => {
      const { status, stdout, stderr } = say(script, '--help')
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' })
      expect(stdout).toMatch(new RegExp(`^npm run ${script}\\b`))
      expect(stdout.split('\n').length).toBeLessThan(20)
      expect(stdout).not.toContain('holdfast: building')
    },
  )

  test.each([
    ['fuzz', ['--frames', 'abc'], '--frames is "abc"; give a whole number from 1 on'],
    ['fuzz', ['--frames', '0'], '--frames is "0"; give a whole number from 1 on'],
    ['fuzz', ['--seed', '1e400'], '--seed is "1e400"; give a whole number from 0 on'],
    ['fuzz', ['--transport', 'irc'], /--transport is "irc"; give .*rtm/],
    ['fuzz', ['--frame', '5'], "Unknown option '--frame'; --help tells what there is"],
    ['fuzz', ['--frames'], /--frames.*; --help tells what there is/],
    ['fuzz', ['5'], 'there is no "5"; say --help'],
    ['chaos', ['--times', '0'], '--times is "0"; give a whole number from 1 on'],
    ['chaos', ['--reports'], "Unknown option '--reports'; --help tells what there is"],
    ['chaos', ['--report', 'a roll'], '--report tells of every scenario; leave out "a roll"'],
    ['proof', ['fast'], 'there is no "fast"; say --help'],
    ['bench', ['queue'], 'there is no "queue"; say throughput or lanes or steps or connections'],
    ['bench', ['connections', '--shards', 'many'], '--shards is "many"; give a whole number from 1 on'],
    ['bench', ['connections', 'handover'], 'there is no "handover"; say heartbeats or hand-over'],
  ])('%s refuses %o with one clear line', (script, words, why) => {
    const { status, stdout, stderr } = say(script, ...words)
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' })
    const line = stderr.replace(`holdfast: ${script}: `, '').replace(/\n$/, '')
    expect(line).toEqual(typeof why === 'string' ? why : expect.stringMatching(why))
    expect(line).not.toContain('\n')
  })
})
