import { expect, test } from 'vitest'
import { Entrance, Gate, type Pass } from '../src/gate.ts'

/** Who got in, in order; each leaves when told. */
function gateBook() {
  const gate = new Gate()
  const inside: string[] = []
  const ways = new Map<string, () => void>()
  const ask = async (name: string, at: Entrance, alone = false) => {
    const pass: Pass = await at.enter(alone)
    if (pass === 'closed') return void inside.push(`${name} turned away`)
    inside.push(name)
    ways.set(name, pass)
  }
  const leave = async (name: string) => {
    ways.get(name)?.()
    await new Promise((resolve) => setImmediate(resolve))
  }
  return { gate, inside, ask, leave }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

test('who runs alone does so among all workers of the process', async () => {
  const { gate, inside, ask, leave } = gateBook()
  const [one, other] = [new Entrance(gate), new Entrance(gate)]
  void ask('a', one)
  void ask('suspect', other, true)
  void ask('b', one)
  await turn()
  expect(inside).toEqual(['a'])
  expect([one.isOpen(false), other.isOpen(true)]).toEqual([false, false])
  await leave('a')
  expect(inside).toEqual(['a', 'suspect'])
  await leave('suspect')
  expect(inside).toEqual(['a', 'suspect', 'b'])
  expect([one.isOpen(false), other.isOpen(true)]).toEqual([true, false])
})

test('a worker that stops sends away its own, and those of others come in', async () => {
  const { gate, inside, ask } = gateBook()
  const [one, other] = [new Entrance(gate), new Entrance(gate)]
  void ask('a', one)
  void ask('suspect', one, true)
  void ask('b', other)
  await turn()
  one.close()
  await turn()
  expect(inside).toEqual(['a', 'suspect turned away', 'b'])
  void ask('late', one)
  await turn()
  expect(inside.at(-1)).toBe('late turned away')
})
