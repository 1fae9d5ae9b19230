import { interactiveQueue, type Subscription } from '@holdfast/queue'
import type { HttpServer } from '@holdfast/runtime'
import type { DepthWatch } from './depth-watch.ts'
import type { ConnectionStatus } from './ports.ts'
import { unitName } from './readiness.ts'
import type { SubscriptionWatch } from './subscription-watch.ts'

/** What the routes tell, all of it from memory. */
export interface GatewayView {
  readonly replicaId: string
  units(): readonly ConnectionStatus[]
  readonly watch: Pick<SubscriptionWatch, 'version' | 'subscriptions'>
  readonly depths: Pick<DepthWatch, 'find'>
}

/** `GET /v1/connections`: the units of this replica. `GET /v1/subscriptions`: what it routes by, and what waits there. */
export function addGatewayRoutes({ app }: Pick<HttpServer, 'app'>, view: GatewayView): void {
  app.get('/v1/connections', () => ({
    connections: view.units().map((status) => describeUnit(status, view.replicaId)),
  }))
  app.get('/v1/subscriptions', () => ({
    version: view.watch.version,
    subscriptions: view.watch.subscriptions.map((subscription) => describe(subscription, view.depths)),
  }))
}

function describeUnit({ sinceAt, ...status }: ConnectionStatus, owner: string) {
  return { unit: unitName(status), ...status, since: new Date(sinceAt).toISOString(), owner }
}

function describe({ suspended, ...subscription }: Subscription, depths: Pick<DepthWatch, 'find'>) {
  const { name } = subscription
  return {
    ...subscription,
    ...(suspended && { suspended: { ...suspended, since: new Date(suspended.sinceAt).toISOString() } }),
    depth: depths.find(name),
    interactiveDepth: depths.find(interactiveQueue(name)),
  }
}
