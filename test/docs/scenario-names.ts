import { readFileSync } from 'node:fs'

/** The name of a scenario, as it stands in its declaration: literal, or with values in it. */
const NAME = /\bname: (?:'((?:\\.|[^'\\\n])*)'|`((?:\\.|[^`\\])*)`)/g
const VALUE = /\$\{[^}]*\}/

/** The names of the scenarios in a file of them. Those with values match whatever the values can be. */
export class ScenarioNames {
  readonly #patterns: readonly RegExp[]

  constructor(path: string) {
    const names = [...readFileSync(path, 'utf8').matchAll(NAME)].map(
      ([, plain, worded]) => plain ?? worded ?? '',
    )
    this.#patterns = names.map((name) => {
      const parts = name.split(VALUE).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
      return new RegExp(`^${parts.join('.+')}$`)
    })
  }

  has(name: string): boolean {
    return this.#patterns.some((pattern) => pattern.test(name))
  }
}
