import { ManualClock } from '@holdfast/runtime'
import { describe, expect, test } from 'vitest'
import { banner } from '../src/demo/banner.ts'
import { mayOpenBrowser } from '../src/demo/browser.ts'
import { linesOfProgress, tickingProgress } from '../src/demo/progress.ts'

describe('a browser', () => {
  const linux = { platform: 'linux', env: { DISPLAY: ':0' }, isTerminal: true } as const

  test.each([
    ['a Linux desktop', linux],
    ['a Wayland desktop', { ...linux, env: { WAYLAND_DISPLAY: 'wayland-0' } }],
    ['a Mac', { ...linux, platform: 'darwin' as const, env: {} }],
    ['Windows', { ...linux, platform: 'win32' as const, env: {} }],
  ])('is opened on %s', (_where, surroundings) => {
    expect(mayOpenBrowser(surroundings)).toBe(true)
  })

  test.each([
    ['a machine without a desktop', { ...linux, env: {} }],
    ['continuous integration', { ...linux, env: { DISPLAY: ':0', CI: 'true' } }],
    ['output that goes elsewhere', { ...linux, isTerminal: false }],
  ])('is left alone on %s', (_where, surroundings) => {
    expect(mayOpenBrowser(surroundings)).toBe(false)
  })
})

test('the banner is as wide as its longest line', () => {
  expect(banner(['http://x', 'hi'])).toEqual([
    '┌────────────┐',
    '│  http://x  │',
    '│  hi        │',
    '└────────────┘',
  ])
})

describe('progress', () => {
  async function slowStep(make: (clock: ManualClock, said: string[]) => ReturnType<typeof linesOfProgress>) {
    const clock = new ManualClock()
    const said: string[] = []
    let finish = () => {}
    const work = new Promise<void>((resolve) => {
      finish = resolve
    })
    const step = make(clock, said).step('gateway', async () => {
      await work
      return { result: 7, detail: 'connected' }
    })
    clock.advance(5_000)
    finish()
    expect(await step).toBe(7)
    expect(clock.timerCount).toBe(0)
    return said
  }

  test('without a terminal is a line every two seconds, and one when the step is over', async () => {
    const said = await slowStep((clock, lines) => linesOfProgress((line) => lines.push(line), clock))
    expect(said).toEqual(['  gateway … 2.0 s', '  gateway … 4.0 s', '✓ gateway: connected (5.0 s)'])
  })

  test('on a terminal is one line that counts', async () => {
    const said = await slowStep((clock, lines) =>
      tickingProgress({ write: (text: string) => lines.push(text) > 0 }, clock),
    )
    expect(said).toHaveLength(26)
    expect(said.every((text) => text.startsWith('\r\x1b[K'))).toBe(true)
    expect(said.at(-1)).toBe('\r\x1b[K✓ gateway: connected (5.0 s)\n')
  })
})
