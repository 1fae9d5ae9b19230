import type { Subscription } from '@holdfast/queue'
import type { HttpServer } from '@holdfast/runtime'
import type { ConnectionStatus } from './ports.ts'
import { unitName } from './readiness.ts'

/** What the routes tell, all of it from memory. */
export interface GatewayView {
  readonly replicaId: string
  units(): readonly ConnectionStatus[]
  subscriptions(): { readonly version: number | undefined; readonly subscriptions: readonly Subscription[] }
}

/** `GET /v1/connections`: the units of this replica. `GET /v1/subscriptions`: what it routes by. */
export function addGatewayRoutes({ app }: Pick<HttpServer, 'app'>, view: GatewayView): void {
  app.get('/v1/connections', () => ({
    connections: view.units().map((status) => describeUnit(status, view.replicaId)),
  }))
  app.get('/v1/subscriptions', () => view.subscriptions())
}

function describeUnit({ sinceAt, ...status }: ConnectionStatus, owner: string) {
  return { unit: unitName(status), ...status, since: new Date(sinceAt).toISOString(), owner }
}
