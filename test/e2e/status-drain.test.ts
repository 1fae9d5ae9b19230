import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { GatewayProcess } from './gateway-process.ts'
import { startHoldfast } from './holdfast.ts'
import { expectNothingLostOnDiscord } from './losses.ts'
import { Stage } from './stage.ts'

interface Unit {
  readonly unit: string
  readonly owner?: string
}

/** What an operator sees and types while gateways share the units of a bot. */

const admin = (stage: Stage, replicaId: string) =>
  new GatewayProcess(
    `${stage.configuration().replace('{ port: 0 }', '{ port: 0, adminToken: secret }')}\ngateway: { replicaId: ${replicaId} }`,
  )

/** A file that says no more than where Redis is: all that `holdfast status` needs. */
function redisAlone({ redisUrl, prefix }: Stage): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-status-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'holdfast.yaml')
  writeFileSync(file, `redis: { url: '${redisUrl}', prefix: '${prefix}' }`)
  return file
}

async function unitsOf(config: string): Promise<readonly Unit[]> {
  const status = startHoldfast(['status', '--json', '--config', config])
  await status.ended
  return (JSON.parse(status.text()) as { readonly units: readonly Unit[] }).units
}

async function drain(gateway: GatewayProcess, ...more: readonly string[]) {
  const { address = '' } = await gateway.says(({ msg }) => msg === 'the gateway runs')
  const command = startHoldfast(['drain', '--url', address, '--token', 'secret', ...more])
  return { code: await command.ended, lines: command.text().trimEnd().split('\n') }
}

test('a drain is refused where nobody could take over; else each unit goes, is told of, and is the other gateway’s in the status', async () => {
  const stage = await Stage.open()
  const config = redisAlone(stage)
  const first = admin(stage, 'gateway-a')
  await first.ready()
  await stage.settle('first')
  expect(await drain(first)).toEqual({
    code: 1,
    lines: [expect.stringMatching(/^holdfast: drain: no other/)],
  })

  const second = admin(stage, 'gateway-b')
  await second.ready()
  const before = await unitsOf(config)
  expect(new Set(before.map(({ owner }) => owner))).toEqual(new Set(['gateway-a']))
  const { code, lines } = await drain(first)
  expect({ code, last: lines.pop() }).toEqual({ code: 0, last: 'nothing is left there' })
  const told = lines.map((line) => /^(\S+) → gateway-b in \d+ ms$/.exec(line)?.[1])
  expect(told.sort()).toEqual(before.map(({ unit }) => unit).sort())
  expect(new Set((await unitsOf(config)).map(({ owner }) => owner))).toEqual(new Set(['gateway-b']))
  expect((await first.get('/readyz')).status).toBe(503)

  expect(await drain(first, '--undo')).toEqual({ code: 0, lines: ['it serves again'] })
  await first.ready()
  await stage.settle('last')
  await expectNothingLostOnDiscord(stage)
})
