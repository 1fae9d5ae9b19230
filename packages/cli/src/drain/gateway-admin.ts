import { type Clock, messageOf, ProblemError, type Secret } from '@holdfast/runtime'

/** A unit as the gateway tells of it; a field that is not there is not known. */
export interface ToldUnit {
  readonly unit: string
  /** The gateway itself serves it. */
  readonly here: boolean
  /** The replica that holds it. */
  readonly owner?: string
  /** To whom it goes, once somebody has asked for it. */
  readonly to?: string
}

/** What came of the wish to drain, or to serve again. */
export type DrainAnswer =
  | { readonly kind: 'accepted'; readonly state: string }
  /** Nobody could take over. */
  | { readonly kind: 'refused'; readonly why: string }

const ANSWER_MS = 10_000
const PATH = '/v1/drain'

/** A gateway's HTTP side, as far as draining needs it. */
export class GatewayAdmin {
  readonly #url: string
  readonly #token: Secret | undefined
  readonly #clock: Clock

  constructor(url: string, token: Secret | undefined, clock: Clock) {
    this.#url = url.replace(/\/+$/, '')
    this.#token = token
    this.#clock = clock
  }

  /** @throws {ProblemError} for a gateway that does not answer, or does not let us. */
  async drain(undo: boolean): Promise<DrainAnswer> {
    const headers: Record<string, string> = this.#token
      ? { authorization: `Bearer ${this.#token.reveal()}` }
      : {}
    const { status, body } = await this.#ask(PATH, { method: undo ? 'DELETE' : 'POST', headers })
    if (status < 300)
      return { kind: 'accepted', state: textOf(body.state) ?? (undo ? 'serving' : 'draining') }
    const why = textOf(body.error) ?? `it answered ${status}`
    if (status === 409) return { kind: 'refused', why }
    throw new ProblemError('drain-refused', `drain: ${this.#url}: ${this.#advice(status, why)}`)
  }

  /** The units it knows of. Rejects where it does not answer. */
  async units(): Promise<ToldUnit[]> {
    const { status, body } = await this.#ask('/v1/connections', {})
    const { connections, replica } = body
    if (status >= 300 || !Array.isArray(connections))
      throw new ProblemError(
        'no-gateway',
        `drain: ${this.#url} does not tell of connections: is it a gateway?`,
      )
    return connections.flatMap((each) => readUnit(each, textOf(replica)))
  }

  #advice(status: number, why: string): string {
    if (status === 401 || status === 403)
      return `${this.#token ? 'it refuses this token' : 'it asks for a token'} (${why}): give --token, HOLDFAST_ADMIN_TOKEN or http.adminToken as the gateway has it`
    if (status === 404)
      return 'it knows no such route: it runs without http.adminToken, which switches admin routes off, or it is an older version'
    return why
  }

  /** The whole answer within its time, body included. */
  async #ask(path: string, request: RequestInit): Promise<Answer> {
    const patience = new AbortController()
    const late = new Error(`no answer within ${ANSWER_MS / 1_000} s`)
    const timer = this.#clock.setTimer(ANSWER_MS, () => patience.abort(late))
    try {
      const response = await fetch(`${this.#url}${path}`, { ...request, signal: patience.signal })
      return { status: response.status, body: await bodyOf(response) }
    } catch (error) {
      const cause = error instanceof Error && error.cause ? error.cause : error
      throw new ProblemError('gateway-away', `drain: ${this.#url} does not answer: ${messageOf(cause)}`, {
        cause: error,
      })
    } finally {
      timer.clear()
    }
  }
}

interface Answer {
  readonly status: number
  readonly body: Body
}

type Body = Readonly<Record<string, unknown>>

async function bodyOf(response: Response): Promise<Body> {
  const value: unknown = await response.json().catch(() => undefined)
  return recordOf(value) ?? {}
}

/** `replica` is the gateway's own id; one that tells none is of a version that lists its own units alone. */
function readUnit(value: unknown, replica: string | undefined): ToldUnit[] {
  const { unit, owner, state, handover } = recordOf(value) ?? {}
  if (typeof unit !== 'string') return []
  const here = replica === undefined ? state !== 'stopped' : owner === replica
  const to = textOf(recordOf(handover)?.to)
  return [
    { unit, here, ...(typeof owner === 'string' ? { owner } : {}), ...(to === undefined ? {} : { to }) },
  ]
}

function recordOf(value: unknown): Body | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Body) : undefined
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
