import type { Platform } from '../../src/facts.ts'

/** Our own sign for a platform: a weave of four strands, a face in a bubble. */
const PATHS: Readonly<Record<Platform, readonly string[]>> = {
  slack: ['M8 3v18', 'M16 3v18', 'M3 8h18', 'M3 16h18'],
  discord: [
    'M4 5h16a1 1 0 0 1 1 1v9a1 1 0 0 1-1 1h-6l-5 4v-4H4a1 1 0 0 1-1-1V6a1 1 0 0 1 1-1z',
    'M9 9v3',
    'M15 9v3',
  ],
}

export function PlatformGlyph({ of }: { readonly of: Platform }) {
  return (
    <svg class="glyph" data-platform={of} viewBox="0 0 24 24" aria-hidden="true">
      {PATHS[of].map((path) => (
        <path key={path} d={path} />
      ))}
    </svg>
  )
}
