import type { ComponentChildren } from 'preact'
import type { Tone } from './tone.ts'

export interface FigureProps {
  readonly label: ComponentChildren
  readonly value: string
  /** Behind the value, smaller. */
  readonly unit?: string
  readonly tone?: Tone | undefined
  /** What it counts, in one sentence. */
  readonly hint?: string
  /** Further attributes of the element: `data-ledger`. */
  readonly attributes?: Readonly<Record<`data-${string}`, string>>
}

/** A large number with its name; stands in a `<dl>`. */
export function Figure({ label, value, unit, tone, hint, attributes }: FigureProps) {
  return (
    <div class="figure" data-tone={tone} title={hint} {...attributes}>
      <dt>{label}</dt>
      <dd>
        {value}
        {unit === undefined ? null : <small> {unit}</small>}
      </dd>
    </div>
  )
}
