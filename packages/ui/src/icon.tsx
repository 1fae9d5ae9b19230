import type { IconNode } from 'lucide'
import { h } from 'preact'

/** A lucide icon, as decoration: `<Icon of={Send} />`. What it stands for is said by the words or the label around it. */
export function Icon({ of }: { readonly of: IconNode }) {
  const strokes = of.map(([tag, attributes], index) => h(tag, { key: index, ...attributes }))
  return (
    <svg
      class="icon"
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      stroke-width="2"
      stroke-linecap="round"
      stroke-linejoin="round"
      aria-hidden="true"
    >
      {strokes}
    </svg>
  )
}
