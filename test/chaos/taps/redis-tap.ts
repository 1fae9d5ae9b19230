import { Flow } from './flow.ts'
import { type Act, Point } from './point.ts'
import { type RedisRequest, readRequest, type ScriptName } from './redis-request.ts'
import { cutBoth, type Ends } from './relay.ts'
import { RespReader } from './resp-reader.ts'
import { TappedWay } from './tapped-way.ts'

/** Where a process is caught between itself and Redis. `executed`: Redis has done it, and the process does not know yet. */
export interface RedisMoment {
  readonly moment: 'before' | 'executed'
  readonly script: ScriptName
}

/** From here on a connection's replies are not one to a request. */
const NOT_FOLLOWED = new Set(['SUBSCRIBE', 'PSUBSCRIBE', 'SSUBSCRIBE', 'MONITOR'])

type Caught = RedisRequest & Pick<RedisMoment, 'moment'>

/**
 * A way to Redis for one process, its `redis.url`: knows which script each request calls, and stops where a test wants to act.
 * Everything else passes unchanged and in order.
 */
export class RedisTap extends TappedWay {
  readonly #points = new Set<Point<Caught>>()
  readonly #counts = new Map<ScriptName, number>()
  #onReply: (request: RedisRequest, reply: string) => void = () => {}
  #url = ''

  /** @param redisUrl of the Redis itself */
  static async to(redisUrl: string): Promise<RedisTap> {
    const tap = new RedisTap(redisUrl)
    tap.#url = `redis://${await tap.relay.open()}`
    return tap
  }

  get url(): string {
    return this.#url
  }

  /** How often a script was called until now. */
  count(script: ScriptName): number {
    return this.#counts.get(script) ?? 0
  }

  /**
   * Acts at the first request of this script from now on that fits. Resolves with it after the act; rejects where none comes
   * within a minute.
   */
  at(
    { moment, script }: RedisMoment,
    act: Act<RedisRequest>,
    where: (request: RedisRequest) => boolean = () => true,
    withinMs?: number,
  ): Promise<RedisRequest> {
    const fits = (caught: Caught) => caught.moment === moment && caught.script === script && where(caught)
    const point = new Point<Caught>(`${moment} ${script}`, fits, act, () => this.#seen(), withinMs)
    this.#points.add(point)
    return point.reached
  }

  /** Calls back with each reply from now on, to what, and as it is on the wire. One at a time. */
  onReply(listener: (request: RedisRequest, reply: string) => void): void {
    this.#onReply = listener
  }

  close(): void {
    this.relay.close()
    for (const point of this.#points) point.giveUp(`before the tap was closed; there was ${this.#seen()}`)
  }

  protected override join(ends: Ends): void {
    const { near, far, way } = ends
    const cut = () => cutBoth(ends)
    const [requests, replies] = [new Flow(far, way, cut), new Flow(near, way, cut)]
    const [asked, answered] = [new RespReader(), new RespReader()]
    /** Sent to Redis and not answered, oldest first. */
    const open: RedisRequest[] = []
    let followed = true
    near.on('data', (piece) => {
      for (const { bytes, parts } of asked.read(piece)) {
        const request = readRequest(parts)
        this.#note(request)
        if (NOT_FOLLOWED.has(request.command)) followed = false
        requests.pass(bytes, this.#decision('before', request), () => open.push(request))
      }
    })
    far.on('data', (piece) => {
      if (!followed) return replies.pass(piece)
      for (const { bytes } of answered.read(piece)) {
        const request = open.shift()
        if (request) this.#onReply(request, bytes.toString('utf8'))
        replies.pass(bytes, request && this.#decision('executed', request))
      }
    })
  }

  #decision(moment: Caught['moment'], request: RedisRequest) {
    if (request.script === undefined) return undefined
    const caught = { ...request, moment }
    const point = [...this.#points].find((each) => each.takes(caught))
    if (!point) return undefined
    this.#points.delete(point)
    return () => point.act(caught)
  }

  #note({ script }: RedisRequest): void {
    if (script !== undefined) this.#counts.set(script, this.count(script) + 1)
  }

  #seen(): string {
    const counts = [...this.#counts].map(([script, count]) => `${script} ${count} times`)
    return counts.join(', ') || 'no script of ours'
  }
}
