import { interactiveQueue, type Subscription, type Suspension } from '@holdfast/queue'
import type { HttpServer } from '@holdfast/runtime'
import type { DepthWatch } from './depth-watch.ts'
import type { ConfigRefusal, Reload } from './reload.ts'
import type { SubscriptionWatch } from './subscription-watch.ts'
import type { SuspensionWatch } from './suspension-watch.ts'
import type { UnitView } from './tenure/unit-view.ts'
import type { Units } from './units.ts'

/** What the routes tell, all of it from memory. */
export interface GatewayView {
  readonly replicaId: string
  readonly units: Pick<Units, 'configuredAt'>
  /** Those of this gateway first. */
  readonly unitViews: () => readonly UnitView[]
  readonly reload: Pick<Reload, 'generation' | 'configuredAt' | 'refused'>
  readonly watch: Pick<SubscriptionWatch, 'version' | 'subscriptions'>
  readonly depths: Pick<DepthWatch, 'find'>
  readonly suspensions: Pick<SuspensionWatch, 'find'>
}

/** `GET /v1/connections`: the units of this replica and of the others, who owns them, since when they are configured as they are, and why a later configuration is refused. `GET /v1/subscriptions`: what it routes by, and what waits there. */
export function addGatewayRoutes({ app }: Pick<HttpServer, 'app'>, view: GatewayView): void {
  app.get('/v1/connections', () => ({
    replica: view.replicaId,
    generation: view.reload.generation,
    configuredAt: instant(view.reload.configuredAt),
    configRefused: describeRefusal(view.reload.refused),
    connections: view.unitViews().map((unit) => describeUnit(unit, view)),
  }))
  app.get('/v1/subscriptions', () => ({
    version: view.watch.version,
    subscriptions: view.watch.subscriptions.map((subscription) => describe(subscription, view)),
  }))
}

function describeRefusal(refusal: ConfigRefusal | undefined) {
  return refusal && { since: instant(refusal.sinceAt), why: refusal.why }
}

function describeUnit({ sinceAt, ...unit }: UnitView, { units }: GatewayView) {
  return { ...unit, since: instant(sinceAt), configuredAt: instant(units.configuredAt(unit.connection)) }
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
  return suspension && { ...suspension, since: instant(suspension.sinceAt) }
}

function instant(at: number | undefined): string | undefined {
  return at === undefined ? undefined : new Date(at).toISOString()
}
