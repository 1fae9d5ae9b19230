import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { runCommand } from '../src/command.ts'
import { listFaults, readScript, readScriptFile } from '../src/index.ts'
import { setStage } from './stage.ts'

/** A running simulator that plays a script. */
const played = (script: string | object) => setStage({ script: readScript(script) })

describe('a script', () => {
  it('makes a fault happen at its time, on a plain client', async () => {
    const { ready, clock } = await played(
      '- at: 5s\n  fault: close-sockets\n  platform: discord\n  code: 4000',
    )
    const { wire } = await ready()
    clock.advance(4_999)
    expect(wire.ws.readyState).toBe(wire.ws.OPEN)
    clock.advance(1)
    expect(await wire.closed).toBe(4000)
  })

  it('repeats a step so often, from its first time on, and records each', async () => {
    const { simulator, clock } = await played([
      { at: '1s', every: '30s', times: 3, fault: 'duplicate-event', platform: 'slack', count: 2 },
    ])
    for (let seconds = 0; seconds < 200; seconds++) clock.advance(1_000)
    const steps = simulator.record.of('script').map(({ at, n: _, ...fact }) => fact)
    expect(steps).toEqual(
      [1, 2, 3].map((round) => ({
        kind: 'script',
        platform: 'slack',
        step: 1,
        round,
        what: 'fault duplicate-event',
        outcome: 'done',
      })),
    )
    const at = simulator.record.of('script').map((entry) => entry.at)
    expect(at.map((instant) => instant - (at[0] ?? 0))).toEqual([0, 30_000, 60_000])
    expect(simulator.record.of('fault')).toMatchObject([{ detail: 'count=2' }, {}, {}])
  })

  it('goes on for ever where no end is given, until the simulator stops', async () => {
    const { simulator, clock } = await played({ steps: [{ every: '1s', fault: 'clear', platform: 'slack' }] })
    for (let seconds = 0; seconds < 50; seconds++) clock.advance(1_000)
    expect(simulator.record.of('script')).toHaveLength(50)
    await simulator.stop()
    clock.advance(10_000)
    expect(simulator.record.of('script')).toHaveLength(50)
  })

  it('says something as a person, by name or id, or as the first there is', async () => {
    const { simulator, clock, at } = await played([
      { at: '1s', say: 'hello', platform: 'slack' },
      { at: '2s', say: 'here', platform: 'discord', channel: 'reef-2', user: 'jonas' },
      { at: '3s', say: 'there', platform: 'slack', channel: 'reef-2', user: 'jonas' },
    ])
    for (let seconds = 0; seconds < 3; seconds++) clock.advance(1_000)
    const said = simulator.record.of('event').map(({ channel, user, text }) => [channel, user, text])
    const { slack, discord } = at
    expect(said).toEqual([
      [slack.channels[0]?.id, slack.users[0]?.id, 'hello'],
      [discord.channels[1]?.id, discord.users[1]?.id, 'here'],
      [slack.channels[1]?.id, slack.users[1]?.id, 'there'],
    ])
  })

  it('streams at a rate for a while, on one platform', async () => {
    const { simulator, clock } = await played([
      { at: '1s', stream: { platform: 'discord', rate: 10, for: '2s' } },
    ])
    for (let step = 0; step < 60; step++) clock.advance(100)
    const platforms = simulator.record.of('event').map(({ platform }) => platform)
    expect(new Set(platforms)).toEqual(new Set(['discord']))
    expect(Math.abs(platforms.length - 20)).toBeLessThanOrEqual(1)
  })

  it('records what could not be done, and goes on', async () => {
    const { simulator, clock } = await played([
      { at: '1s', say: 'x', platform: 'discord', channel: 'nowhere' },
      { at: '2s', fault: 'drop-sockets', platform: 'slack', bot: 'U0' },
      { at: '3s', fault: 'drop-sockets', platform: 'slack', bot: 'otter' },
    ])
    for (let seconds = 0; seconds < 3; seconds++) clock.advance(1_000)
    expect(simulator.record.of('script')).toMatchObject([
      {
        outcome: 'failed',
        why: expect.stringMatching(/^no Discord channel nowhere: the simulator has general/),
      },
      { outcome: 'failed', why: expect.stringMatching(/^no Slack bot U0/) },
      { outcome: 'done' },
    ])
    expect(simulator.record.of('fault').at(-1)?.detail).toMatch(/^bot=U/)
  })

  it('may write durations wherever a fault takes a time', () => {
    const { steps } = readScript([
      { at: '1m', fault: 'refuse-connects', platform: 'discord', forMs: '1.5s', target: 'resume' },
      { at: '500ms', fault: 'fail-requests', platform: 'slack', status: 429, retryAfterS: '2m' },
    ])
    expect(steps.map(({ atMs }) => atMs)).toEqual([60_000, 500])
    expect(steps.map(({ deed }) => deed)).toMatchObject([
      { ask: { forMs: 1_500, target: 'resume' } },
      { ask: { retryAfterS: 120 } },
    ])
  })

  it('can make every fault of the list happen', () => {
    for (const [fault, { platforms, parameters }] of Object.entries(listFaults())) {
      for (const platform of platforms) {
        const needed = (parameters[platform] ?? []).filter(({ optional }) => !optional)
        const values = needed.map(({ name, example }) => [name, example ?? 'some'])
        const step = { at: '1s', fault, platform, ...Object.fromEntries(values) }
        expect(readScript([step]).steps[0]?.deed).toMatchObject({ kind: 'fault', ask: { fault, platform } })
      }
    }
  })

  const say = { say: 'x', platform: 'slack' }
  it.each<readonly [string | object, string]>([
    ['steps: [', /^script: neither YAML nor JSON: .* at line 1, column \d+$/.source],
    ['hello', '^script: write keys and values, such as "at: 5s"$'],
    [{ stpes: [] }, '^script: write a list of steps, or "steps:" with a list below it$'],
    [[say], '^step 1: says not when; write "at: 5s", "every: 30s", or both$'],
    [[{ at: 5, ...say }], '^step 1: "at" is 5; write 500ms, 5s, 2m or 1h, 24h at most$'],
    [[{ at: '30h', ...say }], '^step 1: "at" is "30h"; write 500ms'],
    [[{ every: '1ms', ...say }], '^step 1: "every" is too short; write 10ms or more, or use stream$'],
    [[{ at: '1s', times: 2, ...say }], '^step 1: "times" needs "every"; write how far apart$'],
    [[{ at: '1s', evry: '2s', ...say }], '^step 1: say has no "evry"; it takes at, every, times, say'],
    [[{ at: '1s', falt: 'clear' }], '^step 1: does nothing .it has falt.; write one of fault, say, stream$'],
    [[{ at: '1s', fault: 'clear', ...say }], '^step 1: does fault and say at once; write one of'],
    [
      [
        { at: '1s', ...say },
        { at: '1s', say: 'x' },
      ],
      '^step 2: "platform" is missing; write slack or discord$',
    ],
    [[{ at: '1s', ...say, user: 42 }], '^step 1: "user" is 42; write a text in quotes$'],
    [
      [{ at: '1s', fault: 'fire', platform: 'slack' }],
      '^step 1: no fault "fire"; write one of drop-sockets, ',
    ],
    [[{ at: '1s', fault: 'goodbye', platform: 'discord' }], '^step 1: fault "goodbye" needs platform slack$'],
    [
      [{ at: '1s', fault: 'close-sockets', platform: 'slack' }],
      '^step 1: "code" is missing; write a number from 1000 to 4999$',
    ],
    [
      [{ at: '1s', fault: 'drop-sockets', platform: 'slack', code: 1 }],
      '^step 1: fault "drop-sockets" has no "code"; it takes at, every, times, fault, platform, bot$',
    ],
    [
      [{ at: '1s', fault: 'delay', platform: 'slack', ms: 'long', forMs: '5s' }],
      '^step 1: "ms" is not a duration; write 500ms, 5s, 2m or 1h, or a number of ms$',
    ],
    [
      [{ at: '1s', fault: 'refuse-connects', platform: 'discord', forMs: '5s', target: 'rtm' }],
      '^step 1: "target" is "rtm"; write gateway or resume$',
    ],
    [
      [{ at: '1s', fault: 'invalid-session', platform: 'discord', resumable: 'yes' }],
      '^step 1: "resumable" is "yes"; write true or false$',
    ],
    [
      [{ at: '1s', stream: { platform: 'slack', rate: 0, for: '1s' } }],
      '^step 1, stream: "rate" is 0; write a number from 0.01 to 1000$',
    ],
    [
      [{ at: '1s', stream: { platform: 'slack', rate: 1 } }],
      '^step 1, stream: "for" is missing; write 500ms',
    ],
  ])('that says %j is refused with one line', (script, line) => {
    let message = ''
    try {
      readScript(script)
    } catch (error) {
      message = String((error as Error).message)
    }
    expect(message).toMatch(new RegExp(line))
    expect(message).not.toContain('\n')
  })
})

describe('a script in a file', () => {
  async function fileOf(text: string): Promise<string> {
    const folder = await mkdtemp(join(tmpdir(), 'script-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const file = join(folder, 'storm.yaml')
    await writeFile(file, text)
    return file
  }

  it('is played by holdfast-simulator', async () => {
    const file = await fileOf('steps:\n  - at: 10ms\n    fault: clear\n    platform: discord\n')
    const simulator = await runCommand(['--script', file], () => {})
    await simulator?.record.until((entry) => entry.kind === 'script')
    await simulator?.stop()
  })

  it('is named where it is wrong or not there', async () => {
    const file = await fileOf('- at: soon\n  say: x')
    await expect(readScriptFile(file)).rejects.toThrow(`--script ${file}: step 1: "at" is "soon"; write`)
    await expect(runCommand(['--script', '/nowhere'], () => {})).rejects.toThrow(
      '--script /nowhere: there is no such file',
    )
  })
})
