import { Figure, formatCount } from '@holdfast/ui'
import type { Depth } from '../src/feed.ts'
import { DEPTH_STATES } from './depth-states.ts'

/** Depth by state: a bar of their shares, and each as a figure. */
export function DepthBar({ depth }: { readonly depth: Depth }) {
  return (
    <>
      <div class="bar" aria-hidden="true">
        {DEPTH_STATES.map(({ state, colour }) =>
          depth[state] > 0 ? (
            <span key={state} style={{ flexGrow: depth[state], background: `var(${colour})` }} />
          ) : null,
        )}
      </div>
      <dl class="figures">
        {DEPTH_STATES.map(({ state, colour, hint, tone }) => (
          <Figure
            key={state}
            label={
              <>
                <span class="chart-key key" style={{ background: `var(${colour})` }} />
                {state}
              </>
            }
            value={formatCount(depth[state])}
            hint={hint}
            tone={depth[state] > 0 ? tone : undefined}
            attributes={{ 'data-depth': state }}
          />
        ))}
      </dl>
    </>
  )
}
