import type { Socket } from 'node:net'
import { type ClientFrame, ClientFrameReader } from './client-frames.ts'
import { Flow } from './flow.ts'
import { type Act, Point } from './point.ts'
import { cutBoth, type Ends } from './relay.ts'
import { TappedWay } from './tapped-way.ts'

/** A message that a process writes on a websocket. */
export type SaidFrame = ClientFrame & { readonly text: string }

const HEAD_END = '\r\n\r\n'

/**
 * A way to the platforms for one process, the origin of its `apiUrl`s: the simulated platforms name it in the addresses of their
 * websockets, so those go through it too. Stops at what the process is about to say, and can be cut or frozen.
 */
export class PlatformTap extends TappedWay {
  readonly #points = new Set<Point<SaidFrame>>()
  #saidCount = 0
  #origin = ''

  /** @param url of the simulator */
  static async to(url: string): Promise<PlatformTap> {
    const tap = new PlatformTap(url)
    tap.#origin = `http://${await tap.relay.open()}`
    return tap
  }

  /** To be put in place of the simulator's own. */
  get origin(): string {
    return this.#origin
  }

  /** Acts before the first message from now on that fits reaches the platform. Rejects where none comes within a minute. */
  beforeSaid(
    what: string,
    fits: (frame: SaidFrame) => boolean,
    act: Act<SaidFrame>,
    withinMs?: number,
  ): Promise<SaidFrame> {
    const seen = () => `${this.#saidCount} messages of the process`
    const point = new Point<SaidFrame>(`before ${what} is said`, fits, act, seen, withinMs)
    this.#points.add(point)
    return point.reached
  }

  close(): void {
    this.relay.close()
    for (const point of this.#points)
      point.giveUp(`before the tap was closed; there were ${this.#saidCount} messages`)
  }

  protected override join(ends: Ends): void {
    const { near, far, way } = ends
    const cut = () => cutBoth(ends)
    const answers = new Flow(near, way, cut)
    far.on('data', (piece) => answers.pass(piece))
    this.#hear(near, new Flow(far, way, cut))
  }

  /** Requests pass as they are; a handshake makes frames of what comes behind it. */
  #hear(near: Socket, flow: Flow): void {
    const frames = new ClientFrameReader()
    let upgraded = false
    near.on('data', (piece) => {
      if (!upgraded && isHandshake(piece)) {
        upgraded = true
        return flow.pass(piece)
      }
      if (!upgraded) return flow.pass(piece)
      for (const frame of frames.read(piece)) flow.pass(frame.bytes, this.#decision(frame))
    })
  }

  #decision({ bytes, text }: ClientFrame) {
    if (text === undefined) return undefined
    this.#saidCount += 1
    const said = { bytes, text }
    const point = [...this.#points].find((each) => each.takes(said))
    if (!point) return undefined
    this.#points.delete(point)
    return () => point.act(said)
  }
}

/** A client waits for the answer to its handshake, so nothing stands behind it in the same piece. */
function isHandshake(piece: Buffer): boolean {
  const head = piece.toString('latin1')
  return head.startsWith('GET ') && head.endsWith(HEAD_END) && /^upgrade: websocket\r$/im.test(head)
}
