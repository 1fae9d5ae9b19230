import { type Config, ManualClock, ProblemError, parseConfigText } from '@holdfast/runtime'
import { beforeEach, describe, expect, test } from 'vitest'
import type { ConfigChange } from '../src/config-change.ts'
import { Reload } from '../src/reload.ts'
import { recordingLog } from './fixtures.ts'

const configOf = (ids: readonly string[], more = '') => {
  const connections = ids.map((id) => `{ id: ${id}, platform: discord, token: token-${id} }`)
  return parseConfigText(`connections: [${connections.join(', ')}]\n${more}`)
}

let log: ReturnType<typeof recordingLog>
let applied: { change: ConfigChange; config: Config }[]
/** The connections that the platform refuses for good, and those that were started again. */
let fatal: string[]
let restarted: string[]
/** What the next load finds. */
let found: () => Config
beforeEach(() => {
  log = recordingLog()
  applied = []
  fatal = []
  restarted = []
  found = () => configOf(['a'])
})

function make(options: Partial<ConstructorParameters<typeof Reload>[0]> = {}) {
  return new Reload({
    config: configOf(['a']),
    file: { path: '/etc/holdfast.yaml', load: () => found() },
    apply: async (change, config) => void applied.push({ change, config }),
    units: { fatal: () => fatal, restart: async (ids) => void restarted.push(...ids) },
    clock: new ManualClock(),
    log,
    ...options,
  })
}

async function started(options?: Parameters<typeof make>[0]) {
  const reload = make(options)
  await reload.start()
  return reload
}

const idsOf = ({ change }: (typeof applied)[number]) => change.added.map(({ id }) => id)
const told = () => log.lines.map(({ level, message }) => `${level}: ${message}`)

describe('a reload', () => {
  test('puts what has changed into effect, and tells it by its ids', async () => {
    const reload = await started()
    found = () => configOf(['a', 'b'])
    await reload.request('SIGHUP')
    expect(applied.map(idsOf)).toEqual([['b']])
    expect(reload.generation).toBe(2)
    expect(log.lines).toMatchObject([
      { level: 'info', fields: { why: 'SIGHUP', generation: 2, added: ['b'], removed: [], changed: [] } },
    ])
  })

  test('compares with what was taken over last, not with the start', async () => {
    const reload = await started()
    for (const ids of [
      ['a', 'b'],
      ['a', 'b', 'c'],
    ]) {
      found = () => configOf(ids)
      await reload.request('SIGHUP')
    }
    expect(applied.map(idsOf)).toEqual([['b'], ['c']])
  })

  test('of the same configuration touches nothing and is no new generation', async () => {
    const reload = await started()
    await reload.request('SIGHUP')
    expect(applied).toEqual([])
    expect(reload.generation).toBe(1)
    expect(told()).toEqual([expect.stringMatching(/^info: .*are the same$/)])
  })

  test('names blocks that need a restart, each time until there was one, and goes on with the old ones', async () => {
    const reload = await started()
    found = () => configOf(['a', 'b'], 'http: { port: 1 }\nlog: { level: debug }')
    await reload.request('SIGHUP')
    await reload.request('SIGHUP')
    expect(log.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields)).toEqual([
      { blocks: ['http', 'log'] },
      { blocks: ['http', 'log'] },
    ])
    expect(applied.map(({ config }) => config.http.port)).toEqual([8080])
  })

  test.each<[why: string, found: () => Config, lines: readonly string[]]>([
    [
      'its own schema refuses',
      () => {
        throw new ProblemError('bad-config', 'holdfast.yaml:1: one\nholdfast.yaml:2: two')
      },
      ['holdfast.yaml:1: one', 'holdfast.yaml:2: two'],
    ],
    ['names no connection', () => configOf([]), [expect.stringContaining('no connections are configured')]],
    [
      'has a pattern that can not be read',
      () => configOf(['a'], 'subscriptions: [{ name: s, events: ["discrd.*"] }]'),
      [expect.stringContaining('subscription "s": ')],
    ],
  ])('to a configuration that %s changes nothing, and says why as a start does', async (_, bad, lines) => {
    const reload = await started()
    found = bad
    await reload.request('SIGHUP')
    expect(applied).toEqual([])
    expect(reload.generation).toBe(1)
    expect(log.lines.map(({ level }) => level)).toEqual([...lines, ''].map(() => 'error'))
    expect(log.lines.map(({ message }) => message)).toEqual([
      ...lines,
      expect.stringContaining('nothing has changed'),
    ])
    found = () => configOf(['a', 'b'])
    await reload.request('SIGHUP')
    expect(applied.map(idsOf)).toEqual([['b']])
  })

  test('to a configuration that is refused shows all that is wrong now and since when something is, until one is taken over', async () => {
    const clock = new ManualClock()
    const reload = await started({ clock })
    const refuseFor = async (message: string) => {
      found = () => {
        throw new ProblemError('bad-config', message)
      }
      await reload.request('the file has changed')
    }
    expect(reload.refused).toBeUndefined()
    const sinceAt = clock.wallAt()
    await refuseFor('holdfast.yaml:1: one\nholdfast.yaml:2: two')
    expect(reload.refused).toEqual({ sinceAt, why: 'holdfast.yaml:1: one; holdfast.yaml:2: two' })
    clock.advance(60_000)
    await refuseFor('holdfast.yaml:2: two')
    expect(reload.refused).toEqual({ sinceAt, why: 'holdfast.yaml:2: two' })
    found = () => configOf(['a'])
    await reload.request('the file has changed')
    expect(reload.refused).toBeUndefined()
  })

  test('that is asked for during another comes after it, once however often it was asked for', async () => {
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const reload = await started({
      apply: async (change, config) => {
        applied.push({ change, config })
        await held
      },
    })
    found = () => configOf(['a', 'b'])
    const first = reload.request('SIGHUP')
    await expect.poll(() => applied).toHaveLength(1)
    let loadCount = 0
    found = () => {
      loadCount += 1
      return configOf(['a', 'b', 'c'])
    }
    const others = [reload.request('SIGHUP'), reload.request('the file has changed')]
    expect([applied.length, loadCount]).toEqual([1, 0])
    release()
    await Promise.all([first, ...others])
    expect(applied.map(idsOf)).toEqual([['b'], ['c']])
    expect(loadCount).toBe(1)
  })

  test('that is asked for before the start comes with it, and after the stop not at all', async () => {
    const reload = make()
    found = () => configOf(['a', 'b'])
    await reload.request('SIGHUP')
    expect(applied).toEqual([])
    await reload.start()
    await expect.poll(() => applied.map(idsOf)).toEqual([['b']])
    await reload.stop()
    found = () => configOf(['a', 'b', 'c'])
    await reload.request('SIGHUP')
    expect(applied).toHaveLength(1)
  })

  test('by a signal starts connections again that were refused for good, and names them in one line', async () => {
    found = () => configOf(['a', 'b'])
    const reload = await started({ config: configOf(['a', 'b']) })
    fatal = ['b']
    await reload.request('the file has changed')
    expect(restarted).toEqual([])
    log.lines.length = 0
    await reload.request('SIGHUP')
    expect(restarted).toEqual(['b'])
    expect(applied).toEqual([])
    expect(reload.generation, 'it is no other configuration').toBe(1)
    expect(log.lines.filter(({ fields }) => 'connections' in fields)).toEqual([
      { level: 'info', fields: { connections: ['b'] }, message: expect.stringContaining('started again') },
    ])
  })

  test('starts nothing again that it changes or takes out, nor what is refused as soon as it was started', async () => {
    const reload = await started({
      config: configOf(['a', 'changes', 'goes']),
      apply: async () => void fatal.push('comes'),
    })
    fatal = ['changes', 'goes']
    found = () => {
      const { connections, ...rest } = configOf(['a', 'changes', 'comes'])
      const changed = connections.map((each) =>
        each.id === 'changes' ? { ...each, apiUrl: 'http://x' } : each,
      )
      return { ...rest, connections: changed }
    }
    await reload.request('SIGHUP')
    expect(restarted).toEqual([])
  })

  test('by a signal starts nothing again when the file is refused', async () => {
    const reload = await started()
    fatal = ['a']
    found = () => configOf([])
    await reload.request('SIGHUP')
    expect(restarted).toEqual([])
  })

  test('by a signal is still one when the file changes before its turn', async () => {
    const reload = make()
    fatal = ['a']
    await reload.request('SIGHUP')
    await reload.request('the file has changed')
    await reload.start()
    await expect.poll(() => restarted).toEqual(['a'])
  })

  test('whose connections can not be started again is told, and the next one works', async () => {
    let fails = true
    const restart = async (ids: readonly string[]) => {
      if (fails) throw new Error('Redis is full')
      restarted.push(...ids)
    }
    const reload = await started({ units: { fatal: () => ['a'], restart } })
    await reload.request('SIGHUP')
    expect(log.lines.at(-1)).toMatchObject({ level: 'error', fields: { error: 'Redis is full' } })
    fails = false
    await reload.request('SIGHUP')
    expect(restarted).toEqual(['a'])
  })

  test('that fails halfway is told, and the next one works', async () => {
    let fails = true
    const reload = await started({
      apply: async (change, config) => {
        if (fails) throw new Error('Redis is full')
        applied.push({ change, config })
      },
    })
    found = () => configOf(['a', 'b'])
    await reload.request('SIGHUP')
    expect(log.lines[0]).toMatchObject({ level: 'error', fields: { error: 'Redis is full' } })
    fails = false
    found = () => configOf(['a', 'b', 'c'])
    await reload.request('SIGHUP')
    expect(applied.map(idsOf)).toEqual([['c']])
  })

  test('without a file says that there is none', async () => {
    const reload = await started({ file: undefined })
    await reload.request('SIGHUP')
    expect(applied).toEqual([])
    expect(told()).toEqual([expect.stringMatching(/^warn: there is no configuration file to load again/)])
    fatal = ['a']
    await reload.request('SIGHUP')
    expect(restarted).toEqual(['a'])
  })
})
