import { Chip, formatCount, type Tone } from '@holdfast/ui'
import type { GatewaySeen, UnitSeen } from '../src/feed.ts'
import { age } from './age.ts'

const TONES: Readonly<Record<string, Tone>> = {
  connected: 'good',
  connecting: 'warn',
  waiting: 'warn',
  stopped: 'bad',
  fatal: 'bad',
  free: 'bad',
  silent: 'bad',
}

interface UnitTableProps {
  readonly units: readonly UnitSeen[]
  readonly gateways: readonly GatewaySeen[]
  readonly takenAt: number
}

/** Who holds which connection or shard, and how it is. */
export function UnitTable({ units, gateways, takenAt }: UnitTableProps) {
  if (units.length === 0) return <NoUnit gateways={gateways} />
  const untoldCount = countOf(gateways) - units.length
  const isRoll = new Set(gateways.map(({ deployId }) => deployId)).size > 1
  return (
    <div class="panel">
      <table class="rows">
        <thead>
          <tr>
            <th>Unit</th>
            <th>State</th>
            <th>For</th>
            <th>Received</th>
            <th>Confirmed</th>
            <th>Fence</th>
            <th>Owner</th>
          </tr>
        </thead>
        <tbody>
          {units.map((unit) => (
            <UnitRow
              key={`${unit.owner} ${unit.unit}`}
              unit={unit}
              deploy={isRoll ? gateways.find(({ replica }) => replica === unit.owner)?.deployId : undefined}
              takenAt={takenAt}
            />
          ))}
        </tbody>
      </table>
      {untoldCount > 0 ? (
        <p class="hollow">{formatCount(untoldCount)} more units are counted and not listed.</p>
      ) : null}
    </div>
  )
}

interface UnitRowProps {
  readonly unit: UnitSeen
  /** The owner's, where it tells owners apart. */
  readonly deploy: string | undefined
  readonly takenAt: number
}

function UnitRow({ unit: each, deploy, takenAt }: UnitRowProps) {
  const { unit, platform, state, onTrial, sinceAt, why, sequence, fence, owner, handover } = each
  return (
    <tr data-unit={unit} data-state={state}>
      <td>
        <strong>{unit}</strong> <span class="soft small">{platform}</span>
      </td>
      <td data-label="State">
        <Chip tone={TONES[state]}>{state}</Chip> {onTrial ? <Chip tone="warn">on trial</Chip> : null}
        {why === undefined ? null : <p class="why">{why}</p>}
      </td>
      <td data-label="For">{age(takenAt, sinceAt)}</td>
      <td data-label="Received">{sequence ? formatCount(sequence.received) : '–'}</td>
      <td data-label="Confirmed">{sequence ? formatCount(sequence.confirmed) : '–'}</td>
      <td data-label="Fence">{fence === undefined ? '–' : formatCount(fence)}</td>
      <td data-label="Owner" class="soft">
        {owner ?? '–'}
        {deploy === undefined ? null : <span class="small"> · {deploy}</span>}
        {handover ? (
          <p class="why" data-handover={handover.phase}>
            → {handover.to}, {handover.phase}
          </p>
        ) : null}
      </td>
    </tr>
  )
}

function NoUnit({ gateways }: Pick<UnitTableProps, 'gateways'>) {
  return (
    <div class="panel hollow">
      {gateways.length === 0 ? (
        <>
          <p>No gateway runs, so no events come in.</p>
          <p>
            Start one with <code>holdfast gateway</code>, on this Redis and with the same{' '}
            <code>redis.prefix</code>.
          </p>
        </>
      ) : (
        <p>The gateways that run do not tell of their units: they are of an older version.</p>
      )}
    </div>
  )
}

function countOf(gateways: readonly GatewaySeen[]): number {
  const counts = gateways.flatMap(({ unitCounts = {} }) => Object.values(unitCounts))
  return counts.reduce((sum, count) => sum + count, 0)
}
