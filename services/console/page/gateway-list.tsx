import { Chip, type Tone } from '@holdfast/ui'
import type { GatewaySeen } from '../src/feed.ts'
import { age } from './age.ts'

const TONES: Readonly<Partial<Record<GatewaySeen['state'], Tone>>> = {
  'on trial': 'warn',
  draining: 'warn',
  failed: 'bad',
}

interface GatewayListProps {
  readonly gateways: readonly GatewaySeen[]
  readonly takenAt: number
}

/** The gateways that live, each in a few words: what is unusual comes with its colour. */
export function GatewayList({ gateways, takenAt }: GatewayListProps) {
  return (
    <ul class="gateways" aria-label="Gateways">
      {gateways.map((gateway) => (
        <li key={gateway.replica} data-gateway={gateway.replica} data-state={gateway.state}>
          <Chip tone={TONES[gateway.state]} title={gateway.why ?? `gateway ${gateway.replica}`}>
            {wordsOf(gateway, takenAt).join(' · ')}
          </Chip>
        </li>
      ))}
    </ul>
  )
}

function wordsOf({ replica, state, version, deployId, startedAt }: GatewaySeen, takenAt: number): string[] {
  return [
    `gateway ${replica}`,
    ...(state in TONES ? [state] : []),
    ...(version === undefined || deployId?.startsWith(version) ? [] : [version]),
    ...(deployId === undefined ? [] : [deployId]),
    ...(startedAt === undefined ? [] : [`up ${age(takenAt, startedAt)}`]),
  ]
}
