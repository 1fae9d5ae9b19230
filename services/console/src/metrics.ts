import { interactiveQueue } from '@holdfast/queue'
import { Gauge, type Registry } from 'prom-client'
import type { Depth, Picture, Suspension, UnitSeen } from './feed.ts'

/**
 * The figures of the whole fleet, as of the last picture whenever they are read. While there is no recent one there are
 * no figures, rather than old ones; `holdfast_redis_up` says why.
 */
export function addFleetMetrics(registry: Registry, recent: () => Picture | undefined): void {
  gauge(registry, 'holdfast_redis_up', '1 while Redis answers the console, else 0.', [], (up) =>
    up.set(recent() ? 1 : 0),
  )
  for (const { name, help, labels, show } of FIGURES)
    gauge(registry, name, help, labels, (shown) => {
      shown.reset()
      const picture = recent()
      if (picture) for (const [values, value] of show(picture)) shown.set(values, value)
    })
}

type Shown = readonly [labels: Readonly<Record<string, string>>, value: number]

interface Figure {
  readonly name: string
  readonly help: string
  readonly labels: readonly string[]
  readonly show: (picture: Picture) => readonly Shown[]
}

const FIGURES: readonly Figure[] = [
  {
    name: 'holdfast_queue_depth',
    help: 'Events in a queue by state.',
    labels: ['subscription', 'state'],
    show: (picture) =>
      queuesOf(picture).flatMap(({ subscription, depth: { lagMs: _, ...counts } }) =>
        Object.entries(counts).map(([state, count]) => [{ subscription, state }, count] as const),
      ),
  },
  {
    name: 'holdfast_queue_lag_seconds',
    help: 'Age of the oldest event that could run.',
    labels: ['subscription'],
    show: (picture) =>
      queuesOf(picture).map(({ subscription, depth }) => [{ subscription }, depth.lagMs / 1_000]),
  },
  {
    name: 'holdfast_queue_suspended',
    help: '1 while a queue takes no events, else 0.',
    labels: ['subscription'],
    show: (picture) =>
      queuesOf(picture).map(({ subscription, suspension }) => [{ subscription }, suspension ? 1 : 0]),
  },
  {
    name: 'holdfast_lane_blockers',
    help: 'Handlers that have held their conversation for a minute while events wait behind them; ten at most.',
    labels: ['subscription'],
    show: ({ subscriptions }) =>
      subscriptions.map(({ name, blockers = [] }) => [{ subscription: name }, blockers.length]),
  },
  {
    name: 'holdfast_workers',
    help: 'Live workers.',
    labels: ['subscription'],
    show: ({ subscriptions }) =>
      subscriptions.map(({ name, workerCount }) => [{ subscription: name }, workerCount]),
  },
  {
    name: 'holdfast_units',
    help: 'Units that live gateways own, by state.',
    labels: ['state'],
    show: (picture) => [...unitStates(picture)].map(([state, count]) => [{ state }, count]),
  },
  {
    name: 'holdfast_units_owned',
    help: 'Units that the replica holds.',
    labels: ['replica'],
    show: ({ gateways }) =>
      gateways.flatMap(({ replica, unitCounts }) => (unitCounts ? [[{ replica }, heldOf(unitCounts)]] : [])),
  },
]

interface QueueSeen {
  readonly subscription: string
  readonly depth: Depth
  readonly suspension: Suspension | undefined
}

function queuesOf({ subscriptions }: Picture): QueueSeen[] {
  return subscriptions.flatMap(({ name, depth, suspension, interactive }) => [
    { subscription: name, depth, suspension },
    { subscription: interactiveQueue(name), depth: interactive.depth, suspension: interactive.suspension },
  ])
}

function unitStates({ gateways }: Picture): Map<UnitSeen['state'], number> {
  const states = new Map<string, number>()
  for (const { unitCounts = {} } of gateways)
    for (const [state, count] of Object.entries(unitCounts))
      states.set(state, (states.get(state) ?? 0) + count)
  return states
}

/** As the gateway counts for itself: what has stopped is held no more. */
function heldOf({ stopped: _, ...held }: Readonly<Record<string, number>>): number {
  return Object.values(held).reduce((sum, count) => sum + count, 0)
}

function gauge(
  registry: Registry,
  name: string,
  help: string,
  labelNames: readonly string[],
  collect: (gauge: Gauge) => void,
): void {
  new Gauge({
    name,
    help,
    labelNames,
    registers: [registry],
    collect() {
      collect(this)
    },
  })
}
