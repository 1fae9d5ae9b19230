import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startHoldfast } from './holdfast.ts'

describe('holdfast', () => {
  test('tells the version of its package', async () => {
    const manifest = JSON.parse(
      readFileSync(join(import.meta.dirname, '../../packages/cli/package.json'), 'utf8'),
    )
    const holdfast = startHoldfast(['--version'])
    expect(await holdfast.ended).toBe(0)
    expect(holdfast.text()).toBe(`${manifest.version}\n`)
  })

  test('answers an unknown command with one line and exit code 2', async () => {
    const holdfast = startHoldfast(['gatway'])
    expect(await holdfast.ended).toBe(2)
    expect(holdfast.text()).toBe('holdfast: unknown command "gatway"; did you mean "gateway"?\n')
  })

  test('gateway answers a configuration that is not there with one line and exit code 2', async () => {
    const holdfast = startHoldfast(['gateway', '--config', '/nowhere/holdfast.yaml'])
    expect(await holdfast.ended).toBe(2)
    expect(holdfast.text()).toMatch(/^holdfast: \/nowhere\/holdfast\.yaml: .*no such file.*\n$/)
  })

  test('simulate tells its addresses as JSON, serves them, and stops at SIGTERM with 0', async () => {
    const simulator = startHoldfast(['simulate', '--json'])
    await simulator.printed('}\n')
    const { url } = JSON.parse(simulator.text()) as { url: string }
    expect((await fetch(`${url}/control/state`)).status).toBe(200)
    simulator.process.kill('SIGTERM')
    expect(await simulator.ended).toBe(0)
  })

  test('simulate answers a bad port with one line and exit code 2', async () => {
    const holdfast = startHoldfast(['simulate', '--port', 'http'])
    expect(await holdfast.ended).toBe(2)
    expect(holdfast.text()).toBe(
      'holdfast: simulate: --port is "http"; give a whole number from 0 to 65535\n',
    )
  })
})
