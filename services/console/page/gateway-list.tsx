import { Chip } from '@holdfast/ui'
import type { GatewaySeen } from '../src/feed.ts'
import { age } from './age.ts'

interface GatewayListProps {
  readonly gateways: readonly GatewaySeen[]
  readonly takenAt: number
}

/** The gateways that live, each in a few words. */
export function GatewayList({ gateways, takenAt }: GatewayListProps) {
  return (
    <ul class="gateways" aria-label="Gateways">
      {gateways.map(({ replica, version, deployId, startedAt }) => (
        <li key={replica}>
          <Chip title={deployId === undefined ? 'gateway' : `deploy ${deployId}`}>
            gateway {replica}
            {version === undefined ? '' : ` · ${version}`}
            {startedAt === undefined ? '' : ` · up ${age(takenAt, startedAt)}`}
          </Chip>
        </li>
      ))}
    </ul>
  )
}
