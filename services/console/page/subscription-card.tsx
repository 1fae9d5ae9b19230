import { Chip, Figure, formatCount, formatDuration } from '@holdfast/ui'
import type { Blocker, Depth, Sample, SubscriptionSeen, Suspension } from '../src/feed.ts'
import { age } from './age.ts'
import { DepthBar } from './depth-bar.tsx'
import { DEPTH_STATES } from './depth-states.ts'
import { HistoryChart } from './history-chart.tsx'

/** The oldest event has waited for so long: worth a colour. */
const LONG_LAG_MS = 60_000

interface SubscriptionCardProps {
  readonly subscription: SubscriptionSeen
  readonly samples: readonly Sample[]
  readonly takenAt: number
}

/** One subscription: how much waits, since when, who works on it, and how that was before. */
export function SubscriptionCard({ subscription, samples, takenAt }: SubscriptionCardProps) {
  const { name, depth, interactive, suspension } = subscription
  return (
    <article class="panel card" aria-label={name} data-subscription={name}>
      <CardHead subscription={subscription} />
      <SuspensionLine queue={name} suspension={suspension} takenAt={takenAt} />
      <SuspensionLine queue={`${name}.interactive`} suspension={interactive.suspension} takenAt={takenAt} />
      <BlockerLine blockers={subscription.blockers ?? []} />
      <div class="card-body">
        <div>
          <DepthBar depth={depth} />
          <InteractiveLine depth={interactive.depth} />
        </div>
        <HistoryChart name={name} samples={samples} />
      </div>
    </article>
  )
}

function CardHead({ subscription }: Pick<SubscriptionCardProps, 'subscription'>) {
  const { name, patterns, order, workerCount, depth, suspension } = subscription
  return (
    <header class="card-head">
      <div>
        <h3>
          <a href={`jobs/queue/${encodeURIComponent(name)}`}>{name}</a>
          {suspension ? <Chip tone="bad">suspended</Chip> : null}
          {subscription.devExpiryMs !== undefined && !subscription.fixed ? (
            <Chip title="It is removed when it has been without a worker for too long.">development</Chip>
          ) : null}
          {subscription.fixed ? (
            <Chip title="Its patterns are fixed by the configuration file.">fixed</Chip>
          ) : null}
        </h3>
        <p class="patterns" title={`${patterns.join(', ')}; ordered by ${order}`}>
          {patterns.join('  ')}
        </p>
      </div>
      <dl class="figures">
        <Figure
          label={workerCount === 1 ? 'worker' : 'workers'}
          value={formatCount(workerCount)}
          tone={workerCount === 0 ? 'warn' : undefined}
        />
        <Figure
          label="lag"
          value={formatDuration(depth.lagMs)}
          hint="How long the oldest event that could run has waited."
          tone={depth.lagMs >= LONG_LAG_MS ? 'warn' : undefined}
        />
      </dl>
    </header>
  )
}

interface SuspensionLineProps {
  readonly queue: string
  readonly suspension: Suspension | undefined
  readonly takenAt: number
}

function SuspensionLine({ queue, suspension, takenAt }: SuspensionLineProps) {
  if (!suspension) return null
  const why = suspension.reason === 'full' ? 'It is full.' : 'Nobody has worked on it for too long.'
  return (
    <p class="banner" data-tone="bad">
      <strong>
        {queue} has taken no events for {age(takenAt, suspension.sinceAt)}.
      </strong>{' '}
      {why} Missed so far: {formatCount(suspension.missedCount)}. It opens again by itself, with a{' '}
      <code>holdfast.gap</code> that tells how many.
    </p>
  )
}

/** Handlers that others of their conversation wait for: the one that has held it longest, and how many more there are. */
function BlockerLine({ blockers }: { readonly blockers: readonly Blocker[] }) {
  const [longest, ...more] = blockers
  if (!longest) return null
  return (
    <p class="banner">
      <strong>
        The handler of {longest.type} has held its conversation for {formatDuration(longest.heldMs)}.
      </strong>{' '}
      Behind it wait {formatCount(longest.waitingCount)}
      {more.length > 0 ? `, and ${formatCount(more.length)} more handlers do the same` : ''}. A long task
      calls <code>ctx.leaveLane()</code> or <code>ctx.sleep</code>, or its handler has{' '}
      <code>order: 'none'</code>.
    </p>
  )
}

/** The queue of interactive events, in one line: it is empty nearly always. */
function InteractiveLine({ depth }: { readonly depth: Depth }) {
  const parts = DEPTH_STATES.filter(({ state }) => depth[state] > 0).map(
    ({ state }) => `${formatCount(depth[state])} ${state}`,
  )
  const lag = depth.lagMs > 0 ? `, lag ${formatDuration(depth.lagMs)}` : ''
  return (
    <p class="soft small">
      Interactive events: {parts.length === 0 ? 'none wait' : parts.join(', ')}
      {lag}
    </p>
  )
}
