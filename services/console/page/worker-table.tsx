import { Chip, formatCount, formatDuration } from '@holdfast/ui'
import type { WorkerSeen } from '../src/feed.ts'
import { age } from './age.ts'

interface WorkerTableProps {
  readonly workers: readonly WorkerSeen[]
  readonly takenAt: number
}

/** Who works, on what, and how much it holds. */
export function WorkerTable({ workers, takenAt }: WorkerTableProps) {
  if (workers.length === 0)
    return (
      <div class="panel hollow">
        <p>No worker runs. Events wait until one does.</p>
        <p>
          Start yours, on this Redis and with the same <code>HOLDFAST_PREFIX</code>.
        </p>
      </div>
    )
  return (
    <div class="panel">
      <table class="rows">
        <thead>
          <tr>
            <th>Worker</th>
            <th>State</th>
            <th>Subscription</th>
            <th>Holds</th>
            <th>Up</th>
            <th>Handles</th>
          </tr>
        </thead>
        <tbody>
          {workers.map((worker) => (
            <WorkerRow key={worker.workerId} worker={worker} takenAt={takenAt} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function WorkerRow({ worker, takenAt }: { readonly worker: WorkerSeen; readonly takenAt: number }) {
  const { workerId, subscription, patterns, state, lastBeatAgeMs, activeCount, host, pid, startedAt } = worker
  return (
    <tr data-worker={workerId}>
      <td title={workerId}>
        <strong>{host === undefined ? workerId.slice(0, 8) : host}</strong>{' '}
        <span class="soft small">{pid === undefined ? '' : `pid ${pid}`}</span>
      </td>
      <td data-label="State">
        {state === 'alive' ? (
          <Chip tone="good">alive</Chip>
        ) : (
          <Chip tone="warn" title="Connected, without a sign of life: is its event loop blocked?">
            silent for {formatDuration(lastBeatAgeMs)}
          </Chip>
        )}
      </td>
      <td data-label="Subscription">{subscription}</td>
      <td data-label="Holds">
        {activeCount === undefined
          ? '–'
          : `${formatCount(activeCount)} ${activeCount === 1 ? 'job' : 'jobs'}`}
      </td>
      <td data-label="Up">{age(takenAt, startedAt)}</td>
      <td data-label="Handles" class="soft patterns" title={patterns.join(', ')}>
        {patterns.length === 0 ? '–' : patterns.join('  ')}
      </td>
    </tr>
  )
}
