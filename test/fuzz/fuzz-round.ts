import type { ConnectionDriver } from '../../services/gateway/src/ports.ts'
import type { FuzzSocket } from './fuzz-socket.ts'
import { FuzzWorld, markOf } from './fuzz-world.ts'
import { type FuzzedFrame, FuzzedFrames } from './fuzzed-frames.ts'
import { type FuzzedPlatform, PASSING_CLOSES } from './fuzzed-platform.ts'
import { isFrame } from './mutations.ts'
import { Random } from './random.ts'
import type { Transport } from './recorded-frames.ts'

/** What came of one driver's life. */
export interface RoundCounts {
  readonly frameCount: number
  readonly malformedCount: number
  readonly validCount: number
  readonly socketCount: number
}

/** Which life: the seed decides everything in it. */
export interface RoundOptions {
  readonly transport: Transport
  readonly seed: number
  readonly frameCount: number
  readonly platform: FuzzedPlatform
}

/** So much virtual time without a socket is a hang: Slack's longest wait is 15 minutes, and comes with jitter. */
const PATIENCE_MS = 2 * 3_600_000
const STOP_GRACE_MS = 1_000
/** Far more than any stop takes: each turn moves the time by a tenth of a second. */
const STOP_TURNS = 200
/** A frame can be long; its seed brings back all of it. */
const TOLD_LENGTH = 500

/** The life of one driver among fuzzed frames, valid ones and everything else that happens to a connection. */
export class FuzzRound {
  readonly #random: Random
  readonly #world: FuzzWorld
  readonly #platform: FuzzedPlatform
  readonly #frames: FuzzedFrames
  readonly #driver: ConnectionDriver
  #frameCount = 0
  #validCount = 0
  #socketCount = 0
  #last: FuzzedFrame | undefined

  private constructor({ transport, seed, platform }: RoundOptions) {
    this.#random = new Random(seed)
    this.#platform = platform
    this.#world = new FuzzWorld(platform, new Random(seed + 1))
    this.#frames = new FuzzedFrames(transport, this.#random)
    this.#driver = platform.drive(this.#world.tools, this.#world)
  }

  /** Throws an error that tells the seed, the frame and what went wrong. */
  static async run(options: RoundOptions): Promise<RoundCounts> {
    const round = new FuzzRound(options)
    try {
      await round.#live(options.frameCount)
      await round.#end()
    } catch (error) {
      throw new Error(round.#account(options, error), { cause: error })
    }
    const { malformedCount } = round.#world
    return {
      frameCount: round.#frameCount,
      malformedCount,
      validCount: round.#validCount,
      socketCount: round.#socketCount,
    }
  }

  async #live(frameCount: number): Promise<void> {
    await this.#driver.start(1)
    while (this.#frameCount < frameCount) {
      await this.#step()
      this.#judge()
    }
    // It is still well: whatever came, it gets back to a socket on which a frame arrives.
    while (!this.#sayValid()) await this.#untilSocket()
    await this.#world.settle()
  }

  async #step(): Promise<void> {
    const socket = await this.#untilSocket()
    const dice = this.#random.below(100)
    if (dice < 70) this.#sayFuzzed(socket)
    else if (dice < 85) this.#sayValid()
    else if (dice < 88) this.#platform.stir(socket, this.#random)
    else if (dice < 90) this.#ends(socket, this.#random.pick(PASSING_CLOSES))
    else if (dice < 95) this.#world.confirm()
    else await this.#world.advance(this.#random.below(10_000))
    await this.#world.settle()
  }

  /** A socket on which something can be said. Those that the driver has asked for are opened, those it has left are ended. */
  async #untilSocket(): Promise<FuzzSocket> {
    const deadlineMs = this.#world.clock.monotonicMs() + PATIENCE_MS
    for (;;) {
      await this.#answerSockets()
      const open = [...this.#world.sockets].filter(({ state }) => state === 'open')
      if (open.length > 0) return this.#random.pick(open)
      if (this.#world.clock.monotonicMs() > deadlineMs) throw new Error('it never opened a socket again')
      await this.#world.advance(1_000 + this.#random.below(9_000))
    }
  }

  async #answerSockets(): Promise<void> {
    const waiting = [...this.#world.sockets].filter(({ state }) => state !== 'open')
    for (const socket of waiting) {
      if (socket.state === 'connecting') this.#opens(socket)
      else if (socket.state === 'closed' || this.#random.percent(30)) this.#ends(socket, 1000)
    }
    if (waiting.length > 0) await this.#world.settle()
  }

  #opens(socket: FuzzSocket): void {
    if (this.#random.percent(5)) return this.#ends(socket, 1006)
    this.#socketCount += 1
    socket.opens()
    // Also before the platform has greeted.
    for (let n = this.#random.below(4); n > 0 && socket.state === 'open'; n--) this.#hears(socket)
    if (socket.state === 'open') this.#platform.opened(socket)
  }

  #ends(socket: FuzzSocket, code: number | undefined): void {
    this.#world.sockets.delete(socket)
    this.#platform.ended(socket)
    socket.ends(code)
  }

  #sayFuzzed(socket: FuzzSocket): void {
    const { countedCount, text } = this.#hears(socket)
    if (countedCount === 0 && !isFrame(text))
      throw new Error('a frame that is no JSON object was not counted')
  }

  /** One fuzzed frame. How often it was counted as malformed: before the greeting, what comes out of turn may be ignored. */
  #hears(socket: FuzzSocket): { countedCount: number; text: string } {
    const frame = this.#frames.next()
    const before = this.#world.malformedCount
    this.#last = frame
    this.#frameCount += 1
    socket.says(frame.text)
    const countedCount = this.#world.malformedCount - before
    if (countedCount > 1) throw new Error(`one frame was counted ${countedCount} times as malformed`)
    return { countedCount, text: frame.text }
  }

  #sayValid(): boolean {
    const valid = this.#platform.valid(markOf(this.#validCount))
    if (!valid) return false
    this.#validCount += 1
    for (const socket of valid.sockets) socket.says(valid.text)
    return true
  }

  #judge(): void {
    const [problem] = this.#world.problems
    if (problem !== undefined) throw new Error(problem)
    const { state, why } = this.#driver.status()
    if (state === 'fatal' || state === 'stopped') throw new Error(`it gave up: ${why}`)
  }

  async #end(): Promise<void> {
    await this.#stopped()
    this.#judgeArrivals()
    const { clock, sockets, unconfirmedCount } = this.#world
    if (clock.timerCount > 0) throw new Error(`${clock.timerCount} timers are left after stop`)
    const open = [...sockets].filter(({ state }) => state === 'connecting' || state === 'open')
    if (open.length > 0) throw new Error(`${open.length} sockets are left after stop`)
    if (unconfirmedCount > 0) throw new Error(`${unconfirmedCount} events are left without a confirm`)
  }

  async #stopped(): Promise<void> {
    let ended = false
    const stopping = this.#driver.stop(STOP_GRACE_MS).then(() => {
      ended = true
    })
    for (let turn = 0; !ended; turn++) {
      if (turn > STOP_TURNS) throw new Error('stop did not end')
      this.#world.confirm()
      for (const socket of this.#world.sockets) if (socket.state === 'closing') this.#ends(socket, 1000)
      await this.#world.advance(100)
    }
    await stopping
  }

  #judgeArrivals(): void {
    for (let n = 0; n < this.#validCount; n++) {
      const count = this.#world.arrived.get(n)?.size ?? 0
      if (count !== 1) throw new Error(`valid frame ${n} of ${this.#validCount} became ${count} events`)
    }
  }

  #account({ transport, seed }: RoundOptions, error: unknown): string {
    const what = error instanceof Error ? error.message : String(error)
    return [
      `${transport}, seed ${seed}: ${what}`,
      `after frame ${this.#frameCount} (${this.#last?.mutations.join(', ')}):`,
      JSON.stringify(this.#last?.text.slice(0, TOLD_LENGTH)),
      `once more: npm run fuzz -- --transport ${transport} --seed ${seed} --frames ${this.#frameCount}`,
    ].join('\n')
  }
}
