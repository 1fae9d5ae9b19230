const NAMES = [
  'mara',
  'jonas',
  'ida',
  'ravi',
  'lena',
  'oskar',
  'freya',
  'nils',
  'anouk',
  'tomas',
  'signe',
  'kofi',
]

/** The name of the `n`th person (from 1) of a made-up population, the same on both platforms; all names differ. */
export function personName(n: number): string {
  const name = NAMES[(n - 1) % NAMES.length] ?? ''
  const round = Math.ceil(n / NAMES.length)
  return round === 1 ? name : `${name}-${round}`
}
