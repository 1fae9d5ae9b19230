import { expect, test } from 'vitest'
import type { Filler } from '../../src/backfill/filler.ts'
import { FillingDriver } from '../../src/backfill/filling-driver.ts'
import type { ConnectionDriver, ConnectionStatus, LastGap } from '../../src/ports.ts'

const status: ConnectionStatus = {
  ...{ connection: 'acme', platform: 'slack', transport: 'rtm' },
  ...{ state: 'connected', sinceAt: 0 },
}
const lastGap: LastGap = { from: '2026', to: '2027', why: 'deaf' }

function open() {
  const steps: string[] = []
  const step = async (name: string) => void steps.push(name)
  const filler = {
    serve: (fence?: number) => void steps.push(`serve ${fence ?? 'again'}`),
    pause: () => step('pause'),
    close: () => step('close'),
    lastGap: (told: LastGap | undefined) => told && { ...told, backfill: DONE },
  }
  const driver: ConnectionDriver = {
    start: (fence) => step(`driver starts ${fence}`),
    arrive: async () => ({ kind: 'arrived' }),
    proceed: () => void steps.push('driver proceeds'),
    own: (fence) => step(`driver owns ${fence}`),
    async yield() {
      steps.push('driver yields')
      return 'serving'
    },
    serveOn: () => void steps.push('driver serves on'),
    stop: () => step('driver stops'),
    status: () => ({ ...status, lastGap }),
  }
  const filling = new FillingDriver(filler as unknown as Filler, () => driver)
  return { steps, filling, driver }
}

const DONE = { state: 'done', messageCount: 2, requestCount: 3 } as const

test('gaps are filled in from the moment on that the unit is its own, and not beside its holder', async () => {
  const { steps, filling } = open()
  await filling.arrive(1)
  filling.proceed()
  expect(steps).toEqual(['driver proceeds'])
  await filling.own(2)
  expect(steps.slice(1)).toEqual(['driver owns 2', 'serve 2'])

  const alone = open()
  await alone.filling.start(7)
  expect(alone.steps).toEqual(['driver starts 7', 'serve 7'])
})

test('nothing is filled in while a successor goes on, and all goes on where it does not come', async () => {
  const { steps, filling } = open()
  await filling.start(1)
  expect(await filling.yield(100)).toBe('serving')
  filling.serveOn()
  expect(steps.slice(2)).toEqual(['pause', 'driver yields', 'driver serves on', 'serve again'])
})

test('what is announced during a stop can still be written down', async () => {
  const { steps, filling } = open()
  await filling.stop(100)
  expect(steps).toEqual(['pause', 'driver stops', 'close'])
})

test('the status shows how the last gap is filled in', () => {
  const { filling, driver } = open()
  expect(filling.status()).toEqual({ ...status, lastGap: { ...lastGap, backfill: DONE } })
  driver.status = () => status
  expect(filling.status()).toEqual(status)
})
