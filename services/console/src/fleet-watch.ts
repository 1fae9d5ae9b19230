import { type Clock, type Log, messageOf, type Service, type Timer } from '@holdfast/runtime'
import type { Picture, RedisState } from './feed.ts'

const LOOK_EVERY_MS = 1_000
/** Without a new picture for so long, the last one counts as old, and Redis as away. */
const AWAY_MS = 3_000
const SILENCE = 'it does not answer'

/** What is watched, and who is told. */
export interface FleetWatchOptions {
  readonly look: () => Promise<Picture>
  readonly clock: Clock
  readonly log: Log
  /** A new picture has been taken. */
  readonly onPicture: (picture: Picture) => void
  /** About once a second while Redis is away, and once when it is back. */
  readonly onState: (state: RedisState) => void
}

/**
 * Looks once a second, one look at a time, and keeps the last picture. `start()` resolves with the first. While Redis is
 * away the last look waits for it and no other joins it; when Redis is back, so are the pictures.
 */
export class FleetWatch implements Service {
  readonly #options: FleetWatchOptions
  #picture: Picture | undefined
  #takenMs = 0
  #why = SILENCE
  #told: RedisState['state'] = 'answers'
  #looking = false
  #timer: Timer | undefined
  #stopped = false

  constructor(options: FleetWatchOptions) {
    this.#options = options
  }

  /** The last picture, however old; undefined before the first. */
  get picture(): Picture | undefined {
    return this.#picture
  }

  /** The last picture, unless it is old. */
  get freshPicture(): Picture | undefined {
    return this.redis.state === 'answers' ? this.#picture : undefined
  }

  get redis(): RedisState {
    const pictureAgeMs = this.#options.clock.monotonicMs() - this.#takenMs
    if (pictureAgeMs < AWAY_MS) return { state: 'answers' }
    return { state: 'away', pictureAgeMs: Math.round(pictureAgeMs), why: this.#why }
  }

  /** Rejects when the first look does. */
  async start(): Promise<void> {
    if (this.#timer) return
    this.#adopt(await this.#options.look())
    this.#tickLater()
  }

  async stop(): Promise<void> {
    this.#stopped = true
    this.#timer?.clear()
  }

  #tickLater(): void {
    if (this.#stopped) return
    this.#timer = this.#options.clock.setTimer(LOOK_EVERY_MS, () => {
      this.#tickLater()
      this.#tell()
      if (!this.#looking) void this.#look()
    })
  }

  /** Never rejects. */
  async #look(): Promise<void> {
    this.#looking = true
    try {
      this.#adopt(await this.#options.look())
    } catch (error) {
      this.#why = messageOf(error)
    } finally {
      this.#looking = false
    }
  }

  #adopt(picture: Picture): void {
    if (this.#stopped) return
    this.#picture = picture
    this.#takenMs = this.#options.clock.monotonicMs()
    this.#why = SILENCE
    this.#options.onPicture(picture)
  }

  #tell(): void {
    const { redis } = this
    if (redis.state === 'away' || redis.state !== this.#told) this.#options.onState(redis)
    if (redis.state === this.#told) return
    this.#told = redis.state
    if (redis.state === 'answers') this.#options.log.info({}, 'Redis answers again')
    else this.#options.log.warn({ why: redis.why }, 'Redis is away; the last picture stays until it is back')
  }
}
