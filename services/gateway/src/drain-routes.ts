import { createHash, timingSafeEqual } from 'node:crypto'
import type { HttpServer, Secret } from '@holdfast/runtime'
import type { Ownership } from './tenure/ownership.ts'

/** What can be drained, and who may ask for it. */
export interface DrainView {
  readonly adminToken: Secret | undefined
  readonly ownership: Pick<Ownership, 'drain' | 'standing'>
}

const OFF = 'admin routes are off: set http.adminToken'
const FORBIDDEN = 'the admin token is missing or wrong'

/**
 * `POST /v1/drain`: others take all units, and this gateway takes none until `DELETE /v1/drain`. Refused with 409 where nobody
 * could take over. Both need the admin token, and may be called again.
 */
export function addDrainRoutes({ app }: Pick<HttpServer, 'app'>, view: DrainView): void {
  const { ownership } = view
  function shown() {
    const { draining, heldCount } = ownership.standing
    return { state: draining ? (heldCount > 0 ? 'draining' : 'drained') : 'serving', units: heldCount }
  }

  app.post('/v1/drain', (request, reply) => {
    const refusal = refuse(view.adminToken, request.headers.authorization)
    if (refusal) return reply.code(refusal.code).send({ error: refusal.why })
    const why = ownership.drain.begin()
    return why === undefined ? reply.code(202).send(shown()) : reply.code(409).send({ error: why })
  })
  app.delete('/v1/drain', (request, reply) => {
    const refusal = refuse(view.adminToken, request.headers.authorization)
    if (refusal) return reply.code(refusal.code).send({ error: refusal.why })
    ownership.drain.end()
    return reply.code(200).send(shown())
  })
}

function refuse(token: Secret | undefined, authorization: string | undefined) {
  if (!token) return { code: 404, why: OFF }
  return isSame(authorization ?? '', `Bearer ${token.reveal()}`) ? undefined : { code: 401, why: FORBIDDEN }
}

/** Takes as long however much of it is right. */
function isSame(one: string, other: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(one), digest(other))
}
