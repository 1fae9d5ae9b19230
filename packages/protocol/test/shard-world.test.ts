import fc from 'fast-check'
import { expect, it } from 'vitest'
import { ShardWorld } from './shard-world.ts'

const choices = fc.array(
  fc.tuple(fc.nat(10_000), fc.double({ min: 0, max: 0.999, noNaN: true }), fc.nat(9)),
  { minLength: 10, maxLength: 150 },
)

/** The world does what chance says: mostly what leads on, else anything that it can do. */
function live(world: ShardWorld, script: readonly (readonly [number, number, number])[]): void {
  for (const [choice, random, mood] of script) {
    const moves = world.moves()
    const move = moves[mood < 7 ? 0 : choice % moves.length]
    if (move) world.do(move, random)
  }
}

it('in any world a shard keeps its promises, and a kind one brings it back with everything of its session', () => {
  const reached = { sessions: 0, lost: 0, delivered: 0, held: 0 }
  fc.assert(
    fc.property(choices, (script) => {
      const world = new ShardWorld()
      live(world, script)
      world.settle()
      reached.sessions += world.discord.sessions.length
      reached.lost += world.lost.length
      reached.held += world.heldCount
      reached.delivered += world.redis.deliveredCount()
    }),
    { numRuns: 1_300 },
  )
  // A world in which nothing happens would prove nothing.
  expect(reached.sessions).toBeGreaterThan(1_000)
  expect(reached.lost).toBeGreaterThan(200)
  expect(reached.held).toBeGreaterThan(30)
  expect(reached.delivered).toBeGreaterThan(5_000)
})
