import { fork } from 'node:child_process'
import { once } from 'node:events'
import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { kill } from 'node:process'
import { obtainRedis } from '@holdfast/local-redis'
import { expect, onTestFinished, test } from 'vitest'
import { DiskJournal } from '../../services/gateway/src/journal.ts'
import { Stage } from './stage.ts'

/* What a journal has said that it keeps is there after a SIGKILL at any moment, whoever else uses the folder. */

const KEEPER = join(import.meta.dirname, 'processes', 'journal-keeper.mjs')
const BUILT = join(import.meta.dirname, '../../services/gateway/dist/journal.js')

/** Keeps events until it has said so of `count`, then is killed in the middle of the next. Resolves to those it told. */
async function keepThenDie(folder: string, name: string, count: number): Promise<readonly string[]> {
  // The test runner's own conditions must not reach the process: it runs what was built.
  const child = fork(KEEPER, [BUILT, folder, name], { execArgv: [] })
  onTestFinished(() => void child.kill('SIGKILL'))
  const told: string[] = []
  child.on('message', (id) => {
    told.push(String(id))
    if (told.length === count) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'exit')
  expect(signal).toBe('SIGKILL')
  return told
}

/** The next process on the folder: what it publishes again, what it warns of, and its confirming of all. */
async function startNext(folder: string) {
  const warnings: string[] = []
  const log = {
    debug() {},
    info() {},
    warn: (_: object, message: string) => void warnings.push(message),
    error: (_: object, message: string) => void warnings.push(message),
  }
  const journal = new DiskJournal({ folder, deployment: 'kill', expected: true, log })
  onTestFinished(() => journal.stop())
  await journal.start()
  const ids: string[] = []
  const confirms: (() => void)[] = []
  journal.replay(({ id }, _, confirm) => {
    ids.push(id)
    confirms.push(confirm)
  })
  const confirmAll = async () => {
    for (const confirm of confirms) confirm()
    await journal.stop()
  }
  return { ids, warnings, confirmAll }
}

function openFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return folder
}

test.each([1, 10, 100, 400])('a process killed after %d events loses none of them', async (count) => {
  const folder = openFolder()
  const told = await keepThenDie(folder, 'killed', count)
  const next = await startNext(folder)
  expect(told.filter((id) => !next.ids.includes(id))).toEqual([])
  expect(new Set(next.ids).size).toBe(next.ids.length)
  await next.confirmAll()
  expect(readdirSync(folder)).toEqual([])
})

test('a record that was cut off by the kill costs nothing but itself', async () => {
  const folder = openFolder()
  const told = await keepThenDie(folder, 'killed', 20)
  for (const name of readdirSync(folder))
    appendFileSync(join(folder, name), '2048 1234abcd {"kind":"keep","n":9')
  const next = await startNext(folder)
  expect(told.filter((id) => !next.ids.includes(id))).toEqual([])
  expect(next.warnings).toEqual([expect.stringContaining('cut off by a crash')])
})

test('of several that start, write and are killed in one folder none loses what another kept', async () => {
  const folder = openFolder()
  const told = await Promise.all(['a', 'b', 'c'].map((name) => keepThenDie(folder, name, 200)))
  const later = await keepThenDie(folder, 'd', 50)
  const next = await startNext(folder)
  expect([...told.flat(), ...later].filter((id) => !next.ids.includes(id))).toEqual([])
})

test('a slash command that was acknowledged while Redis hung is on the queue, once, though the gateway was killed', async () => {
  // The tests' own Redis serves other suites; this one is frozen.
  const redis = await obtainRedis({ folder: '.holdfast/redis', env: { PATH: process.env.PATH } })
  onTestFinished(() => redis.stop())
  const pid = redis.pid ?? 0
  const folder = openFolder()
  const stage = await Stage.open({
    redisUrl: redis.url,
    connections: [],
    moreConnections: ({ slack, slackApiUrl }) => {
      const { token = '', appToken = '' } = slack.bots[0] ?? {}
      const tokens = `appToken: ${appToken}, botToken: ${token}`
      return [
        `  - { id: socket, platform: slack, transport: socket-mode, ${tokens}, apiUrl: '${slackApiUrl}' }`,
      ]
    },
    more: [`gateway: { journalDir: '${folder}' }`],
  })
  const { slack } = stage.at
  const use = (text: string) =>
    stage.simulator.slack.useCommand({
      bot: slack.bots[0]?.userId ?? '',
      channel: slack.channels[0]?.id ?? '',
      user: slack.users[0]?.id ?? '',
      command: '/tide',
      text,
    })
  const commands = async () => (await stage.queued.of('all.interactive')).map(({ data }) => data.text)

  const killed = await stage.startGateway()
  use('before')
  await expect.poll(commands).toEqual(['before'])
  kill(pid, 'SIGSTOP')
  onTestFinished(() => void kill(pid, 'SIGCONT'))
  const { triggerId } = use('meanwhile')
  await stage.simulator.record.until(
    (entry) => entry.kind === 'envelope' && entry.what === 'acknowledged' && entry.subject === triggerId,
  )
  await killed.kill()
  kill(pid, 'SIGCONT')
  const next = await stage.startGateway()
  await expect.poll(commands).toEqual(['before', 'meanwhile'])
  await expect.poll(() => readdirSync(folder)).toHaveLength(1)
  expect(await next.stop()).toBe(0)
  expect(readdirSync(folder)).toEqual([])
})
