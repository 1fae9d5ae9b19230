import { expect } from 'vitest'
import {
  type DiscordFrame,
  idleShard,
  type ShardEffect,
  type ShardInput,
  type ShardState,
  stepShard,
} from '../src/index.ts'

/** A session on Discord's side: what was sent in it, numbered from 1 (READY). */
interface DiscordsSession {
  readonly id: string
  readonly types: string[]
  alive: boolean
}

interface WorldSocket {
  readonly generation: number
  phase: 'connecting' | 'open' | 'greeted' | 'identified' | 'live'
  /** The session that the shard has asked to resume, or is in. */
  session?: DiscordsSession | undefined
}

/** One thing that the world can do now. */
export type Move = () => void

/**
 * A world around one shard: Discord with its sessions and replay, the network, timers, permits, Redis. It does only what
 * such a world can do, in any order, and judges each effect as it is performed.
 */
export class ShardWorld {
  state: ShardState = idleShard([0, 1])
  readonly sessions: DiscordsSession[] = []
  readonly delivered = new Map<string, Set<number>>()
  readonly lost: string[] = []
  readonly #timers = new Map<string, number>()
  readonly #watermarks = new Map<string, number>()
  readonly #unconfirmed: { sessionId: string; sequence: number }[] = []
  #socket: WorldSocket | undefined
  #wished: number | undefined
  #granted: number | undefined
  #locating: number | undefined
  #random = 0.5
  #generation = 0
  /** Whether anything was said since the last heartbeat. */
  #heard = false

  constructor() {
    this.#feed({ kind: 'start' })
  }

  /** What can happen now, the kind things first. */
  moves(): Move[] {
    const socket = this.#socket
    const { generation } = this.state.memory
    const moves: Move[] = []
    if (this.#locating !== undefined) moves.push(...this.#locateMoves(this.#locating))
    if (this.#wished !== undefined) moves.push(() => this.#grant())
    if (socket) moves.push(...this.#socketMoves(socket))
    if (this.#unconfirmed.length > 0) moves.push(() => this.#confirm())
    for (const [timer, of] of this.#timers) moves.push(() => this.#fire(timer, of))
    if (generation > 1) moves.push(() => this.#late(generation - 1))
    const session = this.sessions.at(-1)
    if (session?.alive) {
      moves.push(() => {
        session.alive = false
      })
    }
    return moves
  }

  do(move: Move, random: number): void {
    this.#random = random
    move()
    this.#judgeState()
  }

  /** The world is kind from now on. Ends when the shard is connected and has all that its session holds. */
  settle(): void {
    for (let step = 0; step < 300 && !this.isSettled; step++) this.do(this.#kindMove(), 0.5)
    expect(this.isSettled, `still ${this.state.kind}`).toBe(true)
  }

  get isSettled(): boolean {
    if (this.state.kind === 'fatal') return true
    const session = this.#socket?.session
    const has = session && this.delivered.get(session.id)
    return this.state.kind === 'connected' && session?.alive === true && has?.size === session.types.length
  }

  #kindMove(): Move {
    const socket = this.#socket
    if (this.#locating !== undefined) return () => this.#locate()
    if (this.#wished !== undefined) return () => this.#grant()
    if (!socket) return () => this.#fire(...this.#anyTimer('reconnect'))
    if (socket.phase === 'connecting') return () => this.#open(socket)
    if (socket.phase === 'open') return () => this.#hello(socket)
    if (socket.phase === 'identified') return () => this.#ready(socket)
    const { session } = socket
    if (socket.phase === 'greeted' && session) return () => this.#answerResume(socket, session)
    expect(session?.alive, 'of a session that lives, something is missing').toBe(false)
    return () => this.#says({ kind: 'invalidSession', resumable: false })
  }

  #anyTimer(name: string): [string, number] {
    const generation = this.#timers.get(name)
    expect(generation, `${this.state.kind} has no timer ${name}`).toBeDefined()
    return [name, generation ?? 0]
  }

  #locateMoves(generation: number): Move[] {
    const fail = () => {
      this.#locating = undefined
      this.#feed({ kind: 'locateFailed', generation, reason: 'no route' })
    }
    return [() => this.#locate(), fail]
  }

  #socketMoves(socket: WorldSocket): Move[] {
    const closes = [undefined, 1006, 1000, 4000, 4003, 4007, 4009].map((code) => () => this.#close(code))
    if (socket.phase === 'connecting') return [() => this.#open(socket), () => this.#close(1006)]
    if (socket.phase === 'open')
      return [() => this.#hello(socket), () => this.#says({ kind: 'reconnect' }), ...closes]
    return [...this.#liveMoves(socket), ...this.#sayMoves(), ...closes]
  }

  #liveMoves(socket: WorldSocket): Move[] {
    const { session, phase } = socket
    if (phase === 'identified') return [() => this.#ready(socket)]
    if (phase === 'greeted' && session) return [() => this.#answerResume(socket, session)]
    if (phase !== 'live' || !session?.alive) return []
    return [() => this.#event(session), () => this.#event(session), () => this.#event(session)]
  }

  #sayMoves(): Move[] {
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
    return frames.map((frame) => () => this.#says(frame))
  }

  #locate(): void {
    const generation = this.#locating ?? 0
    this.#locating = undefined
    this.#feed({ kind: 'located', generation, url: 'wss://gateway.example' })
  }

  #open(socket: WorldSocket): void {
    socket.phase = 'open'
    this.#feed({ kind: 'socketOpened', generation: socket.generation })
  }

  #hello(socket: WorldSocket): void {
    socket.phase = 'greeted'
    this.#says({ kind: 'hello', heartbeatIntervalMs: 40_000 })
  }

  #grant(): void {
    const generation = this.#wished ?? 0
    this.#wished = undefined
    this.#granted = generation
    this.#feed({ kind: 'permitGranted', generation })
  }

  #ready(socket: WorldSocket): void {
    const session = { id: `session-${this.sessions.length}`, types: ['READY'], alive: true }
    this.sessions.push(session)
    Object.assign(socket, { session, phase: 'live' })
    this.#dispatch(session, 1)
  }

  #event(session: DiscordsSession): void {
    session.types.push('MESSAGE_CREATE')
    this.#dispatch(session, session.types.length)
  }

  /** Replays everything after the sequence of the resume, then RESUMED; or op 9 where the session is over. */
  #answerResume(socket: WorldSocket, session: DiscordsSession): void {
    if (!session.alive) {
      this.#says({ kind: 'invalidSession', resumable: false })
      return
    }
    const from = this.#resumedFrom
    // On the way Discord goes on sending: what is dispatched meanwhile comes in its place.
    session.types.push('MESSAGE_CREATE', 'RESUMED')
    socket.phase = 'live'
    for (let sequence = from + 1; sequence <= session.types.length; sequence++)
      if (this.#socket === socket) this.#dispatch(session, sequence)
  }

  #resumedFrom = 0

  #dispatch({ id, types }: DiscordsSession, sequence: number): void {
    const before = this.delivered.get(id)?.size ?? 0
    const known = this.delivered.get(id)?.has(sequence) ?? false
    const dataText = JSON.stringify({
      session_id: id,
      resume_gateway_url: 'wss://resume.example',
      user: { id: '1' },
      application: { id: '2' },
      guilds: [],
    })
    const type = types[sequence - 1] ?? ''
    const effects = this.#says({ kind: 'dispatch', type, sequence, dataText })
    expect(effects.filter(({ kind }) => kind === 'dispatch')).toHaveLength(1)
    expect(this.delivered.get(id)?.size).toBe(known ? before : before + 1)
  }

  #close(code: number | undefined): void {
    const generation = this.#socket?.generation ?? 0
    this.#socket = undefined
    this.#feed({ kind: 'socketClosed', generation, code, reason: '' })
  }

  #says(frame: DiscordFrame): readonly ShardEffect[] {
    if (frame.kind !== 'malformed') this.#heard = true
    return this.#feed({ kind: 'frame', generation: this.#socket?.generation ?? 0, frame })
  }

  /** Redis confirms in the order of the queue. */
  #confirm(): void {
    const first = this.#unconfirmed.shift()
    if (!first) return
    const { sessionId, sequence } = first
    this.#watermarks.set(sessionId, Math.max(sequence, this.#watermarks.get(sessionId) ?? 0))
    // Of what is replayed the confirms come again: the watermark may not go back with them.
    this.#feed({ kind: 'confirmed', sessionId, sequence })
  }

  #fire(timer: string, generation: number): void {
    this.#timers.delete(timer)
    const effects = this.#feed({ kind: 'timer', generation, timer } as ShardInput)
    if (timer !== 'heartbeat') return
    const kinds = effects.map(({ kind }) => kind)
    expect(kinds).toContain(this.#heard ? 'heartbeat' : 'terminateSocket')
    this.#heard = false
  }

  /** A socket that was left behind speaks once more: nobody may listen. */
  #late(generation: number): void {
    const before = this.state
    const late: ShardInput[] = [
      { kind: 'socketClosed', generation, code: 4004, reason: '' },
      { kind: 'frame', generation, frame: { kind: 'invalidSession', resumable: false } },
      { kind: 'socketOpened', generation },
      { kind: 'permitGranted', generation },
      { kind: 'timer', generation, timer: 'heartbeat' },
    ]
    for (const input of late) expect(this.#feed(input)).toEqual([])
    expect(this.state).toBe(before)
  }

  #feed(input: ShardInput): readonly ShardEffect[] {
    const { state, effects } = stepShard(this.state, input, this.#random)
    this.state = state
    for (const effect of effects) this.#perform(effect)
    return effects
  }

  #perform(effect: ShardEffect): void {
    switch (effect.kind) {
      case 'openSocket':
        expect(this.#socket, 'a second socket').toBeUndefined()
        expect(effect.generation).toBeGreaterThan(this.#generation)
        this.#generation = effect.generation
        this.#socket = { generation: effect.generation, phase: 'connecting' }
        return
      case 'closeSocket':
      case 'terminateSocket':
        expect(this.#socket?.generation, 'leaves a socket that it has').toBe(effect.generation)
        if (effect.kind === 'closeSocket') expect([1000, 1001]).not.toContain(effect.code)
        this.#socket = undefined
        return
      case 'setTimer':
        this.#timers.set(effect.timer, effect.generation)
        return
      case 'clearTimers':
        return this.#timers.clear()
      case 'locate':
        this.#locating = effect.generation
        return
      case 'requestPermit':
        this.#wished = effect.generation
        return
      case 'cancelPermit':
        this.#wished = undefined
        return
      case 'identify':
        return this.#onIdentify()
      case 'resume':
        return this.#onResume(effect)
      case 'sessionLost':
        this.lost.push(effect.session.sessionId)
        return
      case 'sessionStarted':
        // Each one before it was told as lost: nothing goes silently.
        expect(this.lost).toEqual(this.sessions.slice(0, -1).map(({ id }) => id))
        return
      case 'dispatch':
        return this.#onDispatch(effect)
      default:
        return
    }
  }

  #onIdentify(): void {
    expect(this.#granted, 'an identify without a permit').toBe(this.#socket?.generation)
    this.#granted = undefined
    if (this.#socket) this.#socket.phase = 'identified'
  }

  #onResume({ sessionId, sequence }: Extract<ShardEffect, { kind: 'resume' }>): void {
    expect(sequence, 'a resume from the watermark').toBe(this.#watermarks.get(sessionId) ?? 0)
    this.#resumedFrom = sequence
    if (this.#socket) this.#socket.session = this.sessions.find(({ id }) => id === sessionId)
  }

  #onDispatch({ sessionId, sequence, delivery }: Extract<ShardEffect, { kind: 'dispatch' }>): void {
    const delivered = this.delivered.get(sessionId) ?? new Set()
    this.delivered.set(sessionId, delivered.add(sequence))
    this.#unconfirmed.push({ sessionId, sequence })
    expect(['live', 'replay']).toContain(delivery)
  }

  #judgeState(): void {
    const { kind, memory } = this.state
    const session = memory.session
    if (session) expect(session.confirmed).toBe(this.#watermarks.get(session.sessionId) ?? 0)
    if (kind === 'fatal') return expect(this.#timers.size).toBe(0)
    const own = [...this.#timers.values()].filter((generation) => generation === memory.generation)
    expect(own.length, `${kind} has no way out`).toBeGreaterThan(0)
  }
}
