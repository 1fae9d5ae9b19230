import type { ComponentChildren } from 'preact'
import type { Tone } from './tone.ts'

export interface ChipProps {
  readonly tone?: Tone | undefined
  readonly title?: string
  readonly children: ComponentChildren
}

/** A short word with a colour: a state, a version. The word says it all; the colour only helps. */
export function Chip({ tone, title, children }: ChipProps) {
  return (
    <span class="chip" data-tone={tone} title={title}>
      {children}
    </span>
  )
}

/** A dot with a colour, beside a word that says the same. */
export function Dot({ tone }: { readonly tone?: Tone | undefined }) {
  return <span class="dot" data-tone={tone} aria-hidden="true" />
}
