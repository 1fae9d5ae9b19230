import type { FleetStanding } from '@holdfast/ownership'
import { instant } from './instants.ts'
import { judge } from './verdict.ts'

/** All of it as one object: instants are RFC 3339, what is not known is left out. */
export function fleetJson(fleet: FleetStanding): object {
  return {
    at: instant(fleet.at),
    ...judge(fleet),
    replicas: fleet.replicas.map(({ startedAt, ...replica }) => ({
      ...replica,
      ...(startedAt === undefined ? {} : { startedAt: instant(startedAt) }),
    })),
    units: fleet.units.map(({ sinceAt, stateSinceAt, ...unit }) => ({
      ...unit,
      since: instant(sinceAt),
      ...(stateSinceAt === undefined ? {} : { stateSince: instant(stateSinceAt) }),
    })),
    resting: fleet.resting.map(({ untilAt, ...deploy }) => ({ ...deploy, until: instant(untilAt) })),
  }
}
