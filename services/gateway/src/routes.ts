import { interactiveQueue, type Subscription, type Suspension } from '@holdfast/queue'
import type { HttpServer } from '@holdfast/runtime'
import type { DepthWatch } from './depth-watch.ts'
import type { ConnectionStatus } from './ports.ts'
import { unitName } from './readiness.ts'
import type { SubscriptionWatch } from './subscription-watch.ts'
import type { SuspensionWatch } from './suspension-watch.ts'

/** What the routes tell, all of it from memory. */
export interface GatewayView {
  readonly replicaId: string
  units(): readonly ConnectionStatus[]
  readonly watch: Pick<SubscriptionWatch, 'version' | 'subscriptions'>
  readonly depths: Pick<DepthWatch, 'find'>
  readonly suspensions: Pick<SuspensionWatch, 'find'>
}

/** `GET /v1/connections`: the units of this replica. `GET /v1/subscriptions`: what it routes by, and what waits there. */
export function addGatewayRoutes({ app }: Pick<HttpServer, 'app'>, view: GatewayView): void {
  app.get('/v1/connections', () => ({
    connections: view.units().map((status) => describeUnit(status, view.replicaId)),
  }))
  app.get('/v1/subscriptions', () => ({
    version: view.watch.version,
    subscriptions: view.watch.subscriptions.map((subscription) => describe(subscription, view)),
  }))
}

function describeUnit({ sinceAt, ...status }: ConnectionStatus, owner: string) {
  return { unit: unitName(status), ...status, since: new Date(sinceAt).toISOString(), owner }
}

function describe(subscription: Subscription, { depths, suspensions }: GatewayView) {
  const interactive = interactiveQueue(subscription.name)
  return {
    ...subscription,
    suspended: describeSuspension(suspensions.find(subscription.name)),
    interactiveSuspended: describeSuspension(suspensions.find(interactive)),
    depth: depths.find(subscription.name),
    interactiveDepth: depths.find(interactive),
  }
}

function describeSuspension(suspension: Suspension | undefined) {
  return suspension && { ...suspension, since: new Date(suspension.sinceAt).toISOString() }
}
