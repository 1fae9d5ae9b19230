import { signal } from '@preact/signals'

const SPANS = [
  { label: '10 min', spanMs: 600_000 },
  { label: '1 h', spanMs: 3_600_000 },
] as const

/** How much time the charts show. */
export const spanMs = signal<number>(SPANS[0].spanMs)

/** Chooses it, for all charts at once. */
export function SpanChoice() {
  return (
    <fieldset class="choice">
      <legend class="unseen">Time shown by the charts</legend>
      {SPANS.map(({ label, spanMs: each }) => (
        <label key={label}>
          <input
            class="unseen"
            type="radio"
            name="span"
            checked={spanMs.value === each}
            onChange={() => {
              spanMs.value = each
            }}
          />
          <span>{label}</span>
        </label>
      ))}
    </fieldset>
  )
}
