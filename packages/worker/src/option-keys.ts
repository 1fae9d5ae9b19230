import { didYouMean } from '@holdfast/runtime'

/** One line for each key that is none of `known`. The compiler says so too; plain JavaScript has none. */
export function unknownKeys(options: object, known: readonly string[], path = ''): string[] {
  return Object.keys(options)
    .filter((key) => !known.includes(key))
    .map(
      (key) =>
        `option ${path}${key} is unknown${didYouMean(key, known) || `; there are ${known.join(', ')}`}`,
    )
}

/** As `unknownKeys`, of an option that is an object itself, if it is given. */
export function unknownKeysIn(option: unknown, known: readonly string[], path: string): string[] {
  if (option === undefined) return []
  if (typeof option === 'object' && option !== null) return unknownKeys(option, known, `${path}.`)
  return [`option ${path} is no object: it has ${known.join(', ')}`]
}
