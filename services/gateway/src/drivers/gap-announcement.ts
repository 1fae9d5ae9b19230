import { type Gap, gapEvent } from '@holdfast/events'
import type { ConnectionMetrics, DriverTools } from '../ports.ts'
import type { Unit } from './unit.ts'

/** What announcing takes. */
export interface GapAnnouncementTools extends Pick<DriverTools, 'publish' | 'wanted' | 'backfill'> {
  readonly metrics: Pick<ConnectionMetrics, 'gap'>
  readonly unit: Pick<Unit<never>, 'missed' | 'tell' | 'origin'>
}

/**
 * Publishes the `holdfast.gap` of a connection. Once it is confirmed (at once where nobody subscribes to it), tells of it: in
 * the metric, in the status, and in one line of log that names its beginning and end. What history has of it is owed before
 * `onConfirmed` is called, once: whoever moves the stored place past the gap leaves nothing that nobody knows of.
 */
export function announceGap(gap: Gap, tools: GapAnnouncementTools, onConfirmed: () => void): void {
  const { lease } = tools.unit.origin
  const backfill =
    gap.why !== 'backfill-incomplete' && lease && tools.backfill?.covers(gap) ? tools.backfill : undefined
  const event = gapEvent({ recoverable: backfill ? ['messages'] : [], ...gap })
  const isWanted = tools.wanted(event.type, event.delivery, gap.connection)
  const confirm = () => {
    tools.metrics.gap(gap.connection)
    tell(gap, isWanted, tools.unit)
    if (backfill && lease) void backfill.owe(gap, lease).then(onConfirmed)
    else onConfirmed()
  }
  // Here responsibility passes, as with any event; what nobody wants is confirmed without being published.
  if (isWanted) tools.publish(event, tools.unit.origin, confirm)
  else confirm()
}

function tell({ from, to, why }: Gap, isWanted: boolean, unit: GapAnnouncementTools['unit']): void {
  const lastGap = { from: new Date(from).toISOString(), to: new Date(to).toISOString(), why }
  const seconds = Math.ceil((to - from) / 1_000)
  const told = isWanted ? 'the bot was told with a holdfast.gap' : 'nobody subscribes to holdfast.gap'
  unit.missed(lastGap)
  unit.tell(
    'warn',
    `events may be missed from ${lastGap.from} to ${lastGap.to} (${seconds} s, ${why}): ${told}`,
    {
      ...lastGap,
      seconds,
    },
  )
}
