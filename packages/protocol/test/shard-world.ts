import { expect } from 'vitest'
import {
  type DiscordFrame,
  idleShard,
  type ShardEffect,
  type ShardInput,
  type ShardState,
  stepShard,
} from '../src/index.ts'
import { DiscordSide, type DiscordsSession, dispatchOf } from './discord-side.ts'
import { RedisSide } from './redis-side.ts'
import { kindMoveIn, type Move, movesIn } from './shard-happenings.ts'

/** A socket as Discord sees it. */
export interface WorldSocket {
  readonly generation: number
  phase: 'connecting' | 'open' | 'greeted' | 'identified' | 'live'
  /** The session that the shard has asked to resume, or is in. */
  session?: DiscordsSession | undefined
}

/**
 * A world around one shard: Discord with its sessions and replay, the network, timers, permits, Redis. It does only what
 * such a world can do, in any order, and judges each effect as it is performed.
 */
export class ShardWorld {
  state: ShardState = idleShard([0, 1])
  readonly discord = new DiscordSide()
  readonly redis = new RedisSide()
  /** The sessions that were told as lost. */
  readonly lost: string[] = []
  readonly timers = new Map<string, number>()
  socket: WorldSocket | undefined
  /** The generations that wait for a permit, and for an address. */
  wished: number | undefined
  locating: number | undefined
  full = false
  /** How often the shard has given up its socket for want of room. */
  heldCount = 0
  #granted: number | undefined
  #resumedFrom = 0
  #random = 0.5
  #generation = 0
  /** Whether anything was said since the last heartbeat. */
  #heard = false

  constructor() {
    this.#feed({ kind: 'start' })
  }

  /** What can happen now, the kind things first. */
  moves(): Move[] {
    return movesIn(this)
  }

  do(move: Move, random: number): void {
    this.#random = random
    move()
    this.#judgeState()
  }

  /** The world is kind from now on. Ends when the shard is connected and has all that its session holds. */
  settle(): void {
    for (let step = 0; step < 300 && !this.isSettled; step++) this.do(kindMoveIn(this), 0.5)
    expect(this.isSettled, `still ${this.state.kind}`).toBe(true)
  }

  get isSettled(): boolean {
    if (this.state.kind === 'fatal') return true
    const session = this.socket?.session
    if (this.state.kind !== 'connected' || !session?.alive) return false
    return this.redis.deliveredCount(session.id) === session.types.length
  }

  locate(): void {
    const generation = this.locating ?? 0
    this.locating = undefined
    this.#feed({ kind: 'located', generation, url: 'wss://gateway.example' })
  }

  failToLocate(): void {
    const generation = this.locating ?? 0
    this.locating = undefined
    this.#feed({ kind: 'locateFailed', generation, reason: 'no route' })
  }

  /** Redis takes nothing any more, and the memory is full of it; or it takes again. */
  fill(full: boolean): void {
    this.full = full
    const before = this.state.kind
    this.#feed({ kind: 'room', full })
    if (this.state.kind === 'holding' && before !== 'holding') this.heldCount += 1
    if (full) expect(['awaitingPermit', 'resuming', 'connected']).not.toContain(this.state.kind)
  }

  open(socket: WorldSocket): void {
    socket.phase = 'open'
    this.#feed({ kind: 'socketOpened', generation: socket.generation })
  }

  hello(socket: WorldSocket): void {
    socket.phase = 'greeted'
    this.says({ kind: 'hello', heartbeatIntervalMs: 40_000 })
  }

  grant(): void {
    const generation = this.wished ?? 0
    this.wished = undefined
    this.#granted = generation
    this.#feed({ kind: 'permitGranted', generation })
  }

  ready(socket: WorldSocket): void {
    const session = this.discord.begin()
    Object.assign(socket, { session, phase: 'live' })
    this.#dispatch(session, 1)
  }

  event(session: DiscordsSession): void {
    session.types.push('MESSAGE_CREATE')
    this.#dispatch(session, session.types.length)
  }

  /** Replays everything after the sequence of the resume, then RESUMED; or op 9 where the session is over. */
  answerResume(socket: WorldSocket, session: DiscordsSession): void {
    if (!session.alive) {
      this.says({ kind: 'invalidSession', resumable: false })
      return
    }
    const from = this.#resumedFrom
    // On the way Discord goes on sending: what is dispatched meanwhile comes in its place.
    session.types.push('MESSAGE_CREATE', 'RESUMED')
    socket.phase = 'live'
    for (let sequence = from + 1; sequence <= session.types.length; sequence++)
      if (this.socket === socket) this.#dispatch(session, sequence)
  }

  #dispatch(session: DiscordsSession, sequence: number): void {
    const { redis } = this
    const before = redis.deliveredCount(session.id)
    const isNew = !redis.has(session.id, sequence)
    const effects = this.says(dispatchOf(session, sequence))
    expect(effects.filter(({ kind }) => kind === 'dispatch')).toHaveLength(1)
    expect(redis.deliveredCount(session.id)).toBe(isNew ? before + 1 : before)
  }

  close(code: number | undefined): void {
    const generation = this.socket?.generation ?? 0
    this.socket = undefined
    this.#feed({ kind: 'socketClosed', generation, code, reason: '' })
  }

  says(frame: DiscordFrame): readonly ShardEffect[] {
    if (frame.kind !== 'malformed') this.#heard = true
    return this.#feed({ kind: 'frame', generation: this.socket?.generation ?? 0, frame })
  }

  confirm(): void {
    const confirmed = this.redis.confirm()
    if (confirmed) this.#feed({ kind: 'confirmed', ...confirmed })
  }

  fire(timer: string, generation: number): void {
    this.timers.delete(timer)
    const effects = this.#feed({ kind: 'timer', generation, timer } as ShardInput)
    if (timer !== 'heartbeat') return
    const kinds = effects.map(({ kind }) => kind)
    expect(kinds).toContain(this.#heard ? 'heartbeat' : 'terminateSocket')
    this.#heard = false
  }

  /** A socket that was left behind speaks once more: nobody may listen. */
  late(generation: number): void {
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
        expect(this.socket, 'a second socket').toBeUndefined()
        expect(effect.generation).toBeGreaterThan(this.#generation)
        this.#generation = effect.generation
        this.socket = { generation: effect.generation, phase: 'connecting' }
        return
      case 'closeSocket':
      case 'terminateSocket':
        expect(this.socket?.generation, 'leaves a socket that it has').toBe(effect.generation)
        if (effect.kind === 'closeSocket') expect([1000, 1001]).not.toContain(effect.code)
        this.socket = undefined
        return
      case 'setTimer':
        this.timers.set(effect.timer, effect.generation)
        return
      case 'clearTimers':
        return this.timers.clear()
      case 'locate':
        this.locating = effect.generation
        return
      case 'requestPermit':
        this.wished = effect.generation
        return
      case 'cancelPermit':
        this.wished = undefined
        return
      case 'askRoom':
        // Nothing has changed: that would have been told.
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
        expect(this.lost).toEqual(this.discord.sessions.slice(0, -1).map(({ id }) => id))
        return
      case 'dispatch':
        return this.#onDispatch(effect)
      default:
        return
    }
  }

  #onIdentify(): void {
    expect(this.#granted, 'an identify without a permit').toBe(this.socket?.generation)
    this.#granted = undefined
    if (this.socket) this.socket.phase = 'identified'
  }

  #onResume({ sessionId, sequence }: Extract<ShardEffect, { kind: 'resume' }>): void {
    expect(sequence, 'a resume from the watermark').toBe(this.redis.watermarkOf(sessionId))
    this.#resumedFrom = sequence
    if (this.socket) this.socket.session = this.discord.find(sessionId)
  }

  #onDispatch({ sessionId, sequence, delivery }: Extract<ShardEffect, { kind: 'dispatch' }>): void {
    this.redis.take({ sessionId, sequence })
    expect(['live', 'replay']).toContain(delivery)
  }

  #judgeState(): void {
    const { kind, memory } = this.state
    const session = memory.session
    if (session) expect(session.confirmed).toBe(this.redis.watermarkOf(session.sessionId))
    if (kind === 'fatal') return expect(this.timers.size).toBe(0)
    const own = [...this.timers.values()].filter((generation) => generation === memory.generation)
    expect(own.length, `${kind} has no way out`).toBeGreaterThan(0)
  }
}
