import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { execPath } from 'node:process'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Disk } from './disk.ts'
import { WallClock } from './wall-clock.ts'

/*
 * The tools that make one process suffer. What they do is judged by processes that know nothing of them.
 */

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-preloads-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** What a process prints that runs this module. */
function run(env: Readonly<Record<string, string>>, code: string): string {
  const args = ['--input-type=module', '-e', code]
  return execFileSync(execPath, args, { env: { ...env }, encoding: 'utf8' }).trim()
}

describe('a full disk', () => {
  const write = (path: string) => `
    import { open } from 'node:fs/promises'
    const codeOf = (work) => work.then(() => 'written', ({ code }) => code)
    const handle = await open(${JSON.stringify(path)}, 'a').catch(({ code }) => console.log(code))
    if (handle) console.log(await codeOf(handle.appendFile(Buffer.from('whole'))))`

  test('takes no new file, no byte more than half of a write, and all of it again when there is space', () => {
    const disk = new Disk(join(folder, 'disk'))
    run(disk.env, `import { mkdirSync } from 'node:fs'; mkdirSync(${JSON.stringify(disk.folder)})`)
    const path = join(disk.folder, 'journal')
    expect(run(disk.env, write(path))).toBe('written')
    disk.fill()
    expect(run(disk.env, write(path))).toBe('ENOSPC')
    const grown = `
      import { open } from 'node:fs/promises'
      import { writeFileSync } from 'node:fs'
      const handle = await open(${JSON.stringify(path)}, 'r+')
      console.log(await handle.write(Buffer.from('1234')).then(() => 'written', ({ code }) => code))`
    expect(run(disk.env, grown)).toBe('ENOSPC')
    disk.free()
    expect(run(disk.env, write(path))).toBe('written')
    expect(readFileSync(path, 'utf8')).toMatch(/whole$/)
  })

  test('leaves alone what lies elsewhere', () => {
    const disk = new Disk(join(folder, 'disk'))
    disk.fill()
    expect(run(disk.env, write(join(folder, 'elsewhere')))).toBe('written')
  })
})

describe('a wall clock', () => {
  test('jumps ahead and back under a process that runs, whose timers go on', async () => {
    const clock = new WallClock(join(folder, 'clock'))
    await clock.shift(3_600_000, [])
    const seen = run(
      clock.env,
      `
      import { renameSync, writeFileSync } from 'node:fs'
      const [ahead, beforeMs] = [Date.now(), performance.now()]
      writeFileSync('${join(folder, 'other')}', '-3600000')
      renameSync('${join(folder, 'other')}', '${join(folder, 'clock')}')
      while (new Date().getTime() > ahead - 7_000_000) await new Promise((resolve) => setTimeout(resolve, 5))
      console.log(JSON.stringify({ ahead, elapsedMs: performance.now() - beforeMs, dates: new Date() instanceof Date }))`,
    )
    const { ahead, elapsedMs, dates } = JSON.parse(seen)
    expect(Math.round((ahead - Date.now()) / 3_600_000)).toBe(1)
    expect(elapsedMs).toBeGreaterThan(0)
    expect(dates).toBe(true)
  })
})
