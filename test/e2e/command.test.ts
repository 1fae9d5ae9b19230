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
    expect((await fetch(url)).headers.get('content-type')).toContain('text/html')
    simulator.process.kill('SIGTERM')
    expect(await simulator.ended).toBe(0)
  })

  test('simulate prints lines that a shell takes: where the platforms are, and how to say something', async () => {
    const simulator = startHoldfast(['simulate'])
    await simulator.printed('/control/record')
    const lines = simulator.text().trimEnd().split('\n')
    expect(lines[0]).toMatch(/^# simulated Slack and Discord, until Ctrl-C; open http:\S+ in a browser/)
    for (const name of ['SLACK_API_URL', 'SLACK_BOT_TOKEN', 'DISCORD_API_URL', 'DISCORD_TOKEN'])
      expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^export ${name}=[\\w:/.-]+$`)))
    expect(lines.filter((line) => !/^(#.*|export .*|curl .*|)$/.test(line))).toEqual([])
    const appToken = /^# Socket Mode instead of RTM.*: also export SLACK_APP_TOKEN=(xapp-\S+)$/m.exec(
      simulator.text(),
    )
    const open = `${/^export SLACK_API_URL=(\S+)$/m.exec(simulator.text())?.[1]}apps.connections.open`
    const opened = await fetch(open, {
      method: 'POST',
      headers: { authorization: `Bearer ${appToken?.[1]}` },
    })
    expect(await opened.json()).toMatchObject({ ok: true, url: expect.stringMatching(/^ws:/) })
    expect(lines).toContainEqual(
      expect.stringMatching(/^# .*holdfast\.yaml.*README\.md.*docs\/reference\.md/),
    )
    const asks = [...simulator.text().matchAll(/ (http\S+) -d '(.*)'$/gm)]
    for (const [, url = '', body = ''] of asks) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(url, { method: 'POST', headers, body })
      expect({ url, status: answer.status }).toEqual({ url, status: 200 })
    }
    expect(asks).toHaveLength(4)
    simulator.process.kill('SIGTERM')
    expect(await simulator.ended).toBe(0)
  })

  test('simulate answers a script that is not there with one line and exit code 2', async () => {
    const holdfast = startHoldfast(['simulate', '--script', '/nowhere.yaml'])
    expect(await holdfast.ended).toBe(2)
    expect(holdfast.text()).toBe('holdfast: simulate: --script /nowhere.yaml: there is no such file\n')
  })

  test('simulate answers a port in use with one line and exit code 2', async () => {
    const first = startHoldfast(['simulate', '--json'])
    await first.printed('}\n')
    const { port } = new URL((JSON.parse(first.text()) as { url: string }).url)
    const second = startHoldfast(['simulate', '--port', port])
    expect(await second.ended).toBe(2)
    expect(second.text()).toBe(
      `holdfast: simulate: --port: port ${port} on 127.0.0.1 is already in use: stop what listens there, or take another (0 is any free one)\n`,
    )
  })

  test('simulate answers a bad port with one line and exit code 2', async () => {
    const holdfast = startHoldfast(['simulate', '--port', 'http'])
    expect(await holdfast.ended).toBe(2)
    expect(holdfast.text()).toBe(
      'holdfast: simulate: --port is "http"; give a whole number from 0 to 65535\n',
    )
  })
})
