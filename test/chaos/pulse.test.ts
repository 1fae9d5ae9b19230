import { expect, test } from 'vitest'
import { type Asked, Pulse } from './pulse.ts'

/** A gateway that answers with these, one after the other, and then with the last again. */
function gateway(replicaId: string, ...answers: readonly (number | Error)[]) {
  let askedCount = 0
  const asked: Asked = {
    replicaId,
    hasAddress: true,
    get: async () => {
      const answer = answers[Math.min(askedCount, answers.length - 1)]
      askedCount += 1
      if (answer instanceof Error) throw answer
      return { status: answer ?? 0, text: '' }
    },
  }
  return { asked, times: () => askedCount }
}

test('the pulse finds nothing where every gateway says that it lives', async () => {
  const [a, b] = [gateway('a', 200), gateway('b', 200)]
  const pulse = new Pulse(() => [a.asked, b.asked])
  pulse.start()
  await expect.poll(() => Math.min(a.times(), b.times())).toBeGreaterThan(2)
  expect(await pulse.stop()).toEqual([])
})

test('the pulse tells each time at which a gateway says something else, or nothing', async () => {
  const { asked, times } = gateway('a', 200, 503, new TypeError('fetch failed'), 200)
  const pulse = new Pulse(() => [asked])
  pulse.start()
  await expect.poll(times).toBeGreaterThan(3)
  expect(await pulse.stop()).toEqual(['a: /livez said 503', 'a: /livez said TypeError'])
})

test('the pulse expects no answer of one that was ended meanwhile, nor of one whose HTTP is not up', async () => {
  const [well, gone] = [gateway('a', 200), gateway('b', new TypeError('fetch failed'))]
  const closed = gateway('c', 503)
  const pulse = new Pulse(() =>
    gone.times() > 0 ? [well.asked] : [well.asked, gone.asked, { ...closed.asked, hasAddress: false }],
  )
  pulse.start()
  await expect.poll(well.times).toBeGreaterThan(2)
  expect(await pulse.stop()).toEqual([])
  expect([gone.times(), closed.times()]).toEqual([1, 0])
})

test('the pulse that asked nobody proves nothing', async () => {
  const pulse = new Pulse(() => [])
  pulse.start()
  await expect(pulse.stop()).rejects.toThrow('no gateway was asked')
})
