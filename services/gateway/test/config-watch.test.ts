import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ManualClock, parseConfigText, systemClock } from '@holdfast/runtime'
import { beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { ConfigFile } from '../src/config-file.ts'
import { ConfigWatch } from '../src/config-watch.ts'

let folder: string
let path: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'holdfast-watch-'))
  path = join(folder, 'holdfast.yaml')
  onTestFinished(() => rmSync(folder, { recursive: true }))
})

const open = () => new ConfigFile(path, () => parseConfigText(''))

/** Watches the file as it is now, and has looked at it once; resolves to the changes it tells. */
async function watching(): Promise<{ readonly told: readonly number[] }> {
  const file = open()
  file.load()
  const told: number[] = []
  let lookCount = 0
  const hasChanged = () => {
    lookCount += 1
    return file.hasChanged()
  }
  const watch = new ConfigWatch({
    file: { path, hasChanged },
    clock: systemClock,
    onChange() {
      told.push(told.length)
      file.load()
    },
  })
  onTestFinished(() => watch.stop())
  await watch.start()
  await expect.poll(() => lookCount).toBe(1)
  return { told }
}

describe('the watch over a configuration file', () => {
  test('tells once of a file that is written in place, however many steps that takes', async () => {
    writeFileSync(path, 'log: {}')
    const { told } = await watching()
    for (const text of ['log: { level: debug', ' }', '\n']) writeFileSync(path, text, { flag: 'a' })
    await expect.poll(() => told, { timeout: 5_000 }).toHaveLength(1)
    writeFileSync(path, 'log: {}')
    await expect.poll(() => told, { timeout: 5_000 }).toHaveLength(2)
  })

  test('tells of a file that an editor replaces by another of its name, each time', async () => {
    writeFileSync(path, 'log: {}')
    const { told } = await watching()
    for (const count of [1, 2]) {
      writeFileSync(join(folder, '.holdfast.yaml.swp'), `# ${count}`)
      renameSync(join(folder, '.holdfast.yaml.swp'), path)
      await expect.poll(() => told, { timeout: 5_000 }).toHaveLength(count)
    }
  })

  test('tells of a file behind the link that Kubernetes turns', async () => {
    const version = (name: string, text: string) => {
      mkdirSync(join(folder, name))
      writeFileSync(join(folder, name, 'holdfast.yaml'), text)
      symlinkSync(name, join(folder, '..data_tmp'))
      renameSync(join(folder, '..data_tmp'), join(folder, '..data'))
    }
    version('..1', 'log: {}')
    symlinkSync('..data/holdfast.yaml', path)
    const { told } = await watching()
    version('..2', 'log: { level: debug }')
    await expect.poll(() => told, { timeout: 5_000 }).toHaveLength(1)
  })

  test('tells of what was written between the load and its start', async () => {
    writeFileSync(path, 'log: {}')
    const file = open()
    file.load()
    writeFileSync(path, 'log: { level: debug }')
    const onChange = vi.fn()
    const watch = new ConfigWatch({ file, clock: systemClock, onChange })
    onTestFinished(() => watch.stop())
    await watch.start()
    await expect.poll(() => onChange.mock.calls.length, { timeout: 5_000 }).toBe(1)
  })

  test('finds by looking what nothing tells of, once it has settled', async () => {
    const clock = new ManualClock()
    let changed = false
    const onChange = vi.fn()
    const file = { path: join(folder, 'not', 'there.yaml'), hasChanged: () => changed }
    const watch = new ConfigWatch({ file, clock, onChange })
    await watch.start()
    clock.advance(5_000)
    changed = true
    clock.advance(4_999)
    expect(onChange).not.toHaveBeenCalled()
    clock.advance(1)
    expect(onChange).not.toHaveBeenCalled()
    clock.advance(250)
    expect(onChange).toHaveBeenCalledOnce()
    await watch.stop()
    expect(clock.timerCount).toBe(0)
  })
})

describe('a configuration file', () => {
  test('has changed when its text is another than at the last load, also when that load failed', () => {
    writeFileSync(path, 'log: {}')
    const file = new ConfigFile(path, () => {
      throw new Error('bad')
    })
    expect(file.hasChanged()).toBe(true)
    expect(() => file.load()).toThrow('bad')
    expect(file.hasChanged()).toBe(false)
    writeFileSync(path, 'log:  {}')
    expect(file.hasChanged()).toBe(true)
  })

  test('that was never there is told by whoever parses it', () => {
    const file = new ConfigFile(path, () => {
      throw new Error('no such file')
    })
    expect(() => file.load()).toThrow('no such file')
  })

  test('that is gone is told as such, and once', () => {
    writeFileSync(path, 'log: {}')
    const file = open()
    file.load()
    rmSync(path)
    expect(file.hasChanged()).toBe(true)
    for (let n = 0; n < 2; n++)
      expect(() => file.load()).toThrow(expect.objectContaining({ code: 'config-unreadable' }))
    expect(file.hasChanged()).toBe(false)
  })
})
