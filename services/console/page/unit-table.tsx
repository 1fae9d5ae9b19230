import { Chip, formatCount, type Tone } from '@holdfast/ui'
import type { GatewaySeen, UnitSeen } from '../src/feed.ts'
import { age } from './age.ts'

const TONES: Readonly<Record<string, Tone>> = {
  connected: 'good',
  connecting: 'warn',
  waiting: 'warn',
  stopped: 'bad',
  fatal: 'bad',
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
            <th>Owner</th>
          </tr>
        </thead>
        <tbody>
          {units.map((unit) => (
            <UnitRow key={`${unit.owner} ${unit.unit}`} unit={unit} takenAt={takenAt} />
          ))}
        </tbody>
      </table>
      {untoldCount > 0 ? (
        <p class="hollow">{formatCount(untoldCount)} more units are counted and not listed.</p>
      ) : null}
    </div>
  )
}

function UnitRow({ unit: each, takenAt }: { readonly unit: UnitSeen; readonly takenAt: number }) {
  const { unit, platform, state, sinceAt, why, sequence, owner } = each
  return (
    <tr data-unit={unit} data-state={state}>
      <td>
        <strong>{unit}</strong> <span class="soft small">{platform}</span>
      </td>
      <td data-label="State">
        <Chip tone={TONES[state]}>{state}</Chip>
        {why === undefined ? null : <p class="why">{why}</p>}
      </td>
      <td data-label="For">{age(takenAt, sinceAt)}</td>
      <td data-label="Received">{sequence ? formatCount(sequence.received) : '–'}</td>
      <td data-label="Confirmed">{sequence ? formatCount(sequence.confirmed) : '–'}</td>
      <td data-label="Owner" class="soft">
        {owner}
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
