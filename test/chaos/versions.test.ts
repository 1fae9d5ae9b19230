import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sleep, systemClock } from '@holdfast/runtime'
import { expect, onTestFinished, test } from 'vitest'
import { GatewayProcess, type Preloaded } from '../e2e/gateway-process.ts'
import { Stage } from '../e2e/stage.ts'
import { type Noted, noted, notedIn, VersionedWorker } from '../e2e/versioned-worker.ts'

/*
 * A roll from this version to one that there is not yet, and back, while people talk. The next version is what was built, with
 * more in everything that it writes: see test/e2e/processes/next-version-hooks.mjs.
 */

const CONNECTIONS = ['slack-a', 'discord-a'] as const
const NEXT: Preloaded = { preloads: [join(import.meta.dirname, '../e2e/processes/next-version.mjs')] }

function openFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-versions-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const file = join(folder, 'noted')
  writeFileSync(file, '')
  return file
}

async function startGateway(stage: Stage, name: string, preloaded: Preloaded = {}): Promise<GatewayProcess> {
  const own = `gateway: { replicaId: ${name}, deployId: ${name}, lease: 2s }`
  const gateway = new GatewayProcess(`${stage.configuration()}\n${own}`, preloaded)
  await gateway.ready()
  return gateway
}

/** Somebody says something every now and then. Resolves to how much it was, once it is over. */
async function talk(stage: Stage, over: AbortSignal): Promise<readonly string[]> {
  const said: string[] = []
  while (!over.aborted) {
    said.push(`said ${said.length}`)
    stage.say(said.at(-1) ?? '')
    await sleep(systemClock, 40)
  }
  return said
}

// Some eight processes one after the other: with `npm run chaos` alone.
test.skipIf(process.env.HOLDFAST_CHAOS !== 'full')(
  'two versions side by side lose, repeat and reorder nothing, on the way there and back',
  async () => {
    const stage = await Stage.open({ connections: CONNECTIONS })
    const file = openFile()
    const over = new AbortController()
    const [before, old, next] = await Promise.all([
      startGateway(stage, 'before'),
      VersionedWorker.start(stage, file, 'old'),
      VersionedWorker.start(stage, file, 'next', NEXT),
    ])
    const talking = talk(stage, over.signal)
    const between = await startGateway(stage, 'between', NEXT)
    expect(await before.stop()).toBe(0)
    await old.stop()
    stage.say('hang')
    await noted(file, { what: 'step', text: 'hang' }, 2)
    const [after] = await Promise.all([
      startGateway(stage, 'after'),
      VersionedWorker.start(stage, file, 'old'),
    ])
    expect(await between.stop()).toBe(0)
    await next.kill()
    over.abort()
    const said = await talking
    stage.say('last')
    await noted(file, { what: 'end', text: 'last' }, 2)

    const notes = notedIn(file)
    const events = await stage.queued.of('all')
    const written = (text: string) => events.filter(({ text: all }) => all.includes(text)).length
    for (const on of CONNECTIONS) {
      const seen = (what: Noted['what']) => notes.filter((note) => note.on === on && note.what === what)
      const ended = seen('end').map(({ text }) => text)
      expect(
        ended.filter((text) => text.startsWith('said ')),
        on,
      ).toEqual(said)
      expect(
        seen('step').map(({ text }) => text),
        'each step was run once',
      ).toEqual(ended)
      // The next version hung in one and was killed: this one went on with what that had remembered.
      const begun = seen('begin').map(({ text }) => text)
      expect(begun.filter((text) => text === 'hang')).toHaveLength(2)
      expect([...new Set(begun)]).toEqual(ended)
      expect(answersTo(stage, on)).toEqual(ended)
    }
    expect(written('"hftide":"high"')).toBeGreaterThan(0)
    expect(written('"hftide":"high"')).toBeLessThan(events.length)
    expect([before, between, after].flatMap((gateway) => gateway.linesAt('error'))).toEqual([])
  },
)

/** What the bot posted, in order. */
function answersTo(stage: Stage, connection: string): readonly string[] {
  const platform = connection.startsWith('slack') ? 'slack' : 'discord'
  const posts = stage.simulator.record.of('post').filter((post) => post.platform === platform)
  return posts.map(({ text = '' }) => text.replace('re: ', ''))
}
