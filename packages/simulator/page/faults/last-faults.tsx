import { formatTime } from '@holdfast/ui'
import type { PageFault } from '../../src/page/feed.ts'

const SHOWN_COUNT = 4

/** The last faults, the youngest first. */
export function LastFaults({ faults }: { readonly faults: readonly PageFault[] }) {
  const shown = faults.slice(-SHOWN_COUNT).reverse()
  return (
    <ol class="last-faults" aria-label="Last faults" aria-live="polite" reversed>
      {shown.length === 0 ? <li class="faults-none">Nothing has gone wrong yet.</li> : null}
      {shown.map(({ n, at, name, detail, hitNothing }) => (
        <li key={n}>
          <time>{formatTime(at)}</time> <strong>{name}</strong> {detail}{' '}
          {hitNothing ? <em>hit nothing</em> : null}
        </li>
      ))}
    </ol>
  )
}
