import type { HttpServer } from '@holdfast/runtime'
import type { Picture, RedisState, Suspension } from './feed.ts'

/** What the routes tell from. */
export interface Known {
  readonly picture: Picture | undefined
  readonly redis: RedisState
}

/**
 * `GET /v1/subscriptions`, `/v1/workers`, `/v1/connections`: the last picture, with when it was taken and whether Redis
 * answers. 503 before the first.
 */
export function addConsoleRoutes({ app }: Pick<HttpServer, 'app'>, known: () => Known): void {
  const add = (path: string, describe: (picture: Picture) => object) =>
    app.get(path, (_request, reply) => {
      const { picture, redis } = known()
      if (!picture) return reply.code(503).send({ problem: 'nothing is known yet: the console is starting' })
      return { takenAt: instant(picture.takenAt), redis, ...describe(picture) }
    })
  add('/v1/subscriptions', describeSubscriptions)
  add('/v1/workers', ({ workers }) => ({
    workers: workers.map(({ startedAt, ...worker }) => ({ ...worker, ...since('startedAt', startedAt) })),
  }))
  add('/v1/connections', describeConnections)
}

function describeSubscriptions({ subscriptions, unwatchedCount }: Picture): object {
  return {
    unwatchedCount,
    subscriptions: subscriptions.map(({ suspension, interactive, ...subscription }) => ({
      ...subscription,
      ...describeSuspension('suspended', suspension),
      interactiveDepth: interactive.depth,
      ...describeSuspension('interactiveSuspended', interactive.suspension),
    })),
  }
}

function describeConnections({ gateways, units }: Picture): object {
  return {
    gateways: gateways.map(({ startedAt, ...gateway }) => ({ ...gateway, ...since('startedAt', startedAt) })),
    connections: units.map(({ sinceAt, ...unit }) => ({ ...unit, since: instant(sinceAt) })),
  }
}

function describeSuspension(name: string, suspension: Suspension | undefined): object {
  return suspension ? { [name]: { ...suspension, since: instant(suspension.sinceAt) } } : {}
}

const since = (name: string, at: number | undefined): object =>
  at === undefined ? {} : { [name]: instant(at) }

/** RFC 3339; what no date can have is the beginning of time. */
function instant(at: number): string {
  const date = new Date(at)
  return (Number.isNaN(date.getTime()) ? new Date(0) : date).toISOString()
}
