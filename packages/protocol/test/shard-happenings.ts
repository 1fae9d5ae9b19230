import { expect } from 'vitest'
import type { DiscordFrame } from '../src/index.ts'
import type { ShardWorld, WorldSocket } from './shard-world.ts'

/** One thing that the world can do now. */
export type Move = () => void

/** What can happen now, the kind things first. */
export function movesIn(world: ShardWorld): Move[] {
  const { socket, redis, timers } = world
  const { generation } = world.state.memory
  const moves: Move[] = []
  if (world.locating !== undefined) moves.push(...locateMoves(world))
  if (world.wished !== undefined) moves.push(() => world.grant())
  if (socket) moves.push(...socketMoves(world, socket))
  if (redis.hasUnconfirmed) moves.push(() => world.confirm())
  for (const [timer, of] of timers) moves.push(() => world.fire(timer, of))
  if (generation > 1) moves.push(() => world.late(generation - 1))
  if (world.full) moves.push(...[1, 2, 3].map(() => () => world.fill(false)))
  else if (generation % 3 === 0) moves.push(() => world.fill(true))
  const session = world.discord.sessions.at(-1)
  if (session?.alive) {
    moves.push(() => {
      session.alive = false
    })
  }
  return moves
}

/** What a kind world does next: whatever brings the shard on. */
export function kindMoveIn(world: ShardWorld): Move {
  const { socket } = world
  if (world.full) return () => world.fill(false)
  if (world.locating !== undefined) return () => world.locate()
  if (world.wished !== undefined) return () => world.grant()
  if (!socket) return () => world.fire(...anyTimer(world, 'reconnect'))
  if (socket.phase === 'connecting') return () => world.open(socket)
  if (socket.phase === 'open') return () => world.hello(socket)
  if (socket.phase === 'identified') return () => world.ready(socket)
  const { session } = socket
  if (socket.phase === 'greeted' && session) return () => world.answerResume(socket, session)
  expect(session?.alive, 'of a session that lives, something is missing').toBe(false)
  return () => world.says({ kind: 'invalidSession', resumable: false })
}

function anyTimer({ timers, state }: ShardWorld, name: string): [string, number] {
  const generation = timers.get(name)
  expect(generation, `${state.kind} has no timer ${name}`).toBeDefined()
  return [name, generation ?? 0]
}

function locateMoves(world: ShardWorld): Move[] {
  return [() => world.locate(), () => world.failToLocate()]
}

function socketMoves(world: ShardWorld, socket: WorldSocket): Move[] {
  const closes = [undefined, 1006, 1000, 4000, 4003, 4007, 4009].map((code) => () => world.close(code))
  if (socket.phase === 'connecting') return [() => world.open(socket), () => world.close(1006)]
  if (socket.phase === 'open')
    return [() => world.hello(socket), () => world.says({ kind: 'reconnect' }), ...closes]
  return [...liveMoves(world, socket), ...sayMoves(world), ...closes]
}

function liveMoves(world: ShardWorld, socket: WorldSocket): Move[] {
  const { session, phase } = socket
  if (phase === 'identified') return [() => world.ready(socket)]
  if (phase === 'greeted' && session) return [() => world.answerResume(socket, session)]
  if (phase !== 'live' || !session?.alive) return []
  return [() => world.event(session), () => world.event(session), () => world.event(session)]
}

function sayMoves(world: ShardWorld): Move[] {
  const frames: DiscordFrame[] = [
    { kind: 'heartbeatRequest' },
    { kind: 'heartbeatAcknowledged' },
    { kind: 'heartbeatAcknowledged' },
    { kind: 'reconnect' },
    { kind: 'invalidSession', resumable: true },
    { kind: 'invalidSession', resumable: false },
    { kind: 'malformed', problem: 'x' },
    { kind: 'unknown', op: 42 },
  ]
  return frames.map((frame) => () => world.says(frame))
}
