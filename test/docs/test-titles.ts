import { readFileSync } from 'node:fs'

/** The first argument of a call, where it is text: how every title of a test stands in its file. */
const TITLE = /\(\s*(?:'((?:\\.|[^'\\\n])*)'|"((?:\\.|[^"\\\n])*)"|`((?:\\.|[^`\\])*)`)\s*,/g
/** What stands for a value in a title: printf's letters, `$name`, `${expression}`. */
const VALUE = /%[sdijofp#]|\$\{[^}]*\}|\$[\w.]+/
/** A title that is little more than its values would match any text. */
const FEWEST_WORDS = 2

/** The titles in a file of tests. Those with values in them match whatever the values can be. */
export class TestTitles {
  readonly #patterns: readonly RegExp[]

  constructor(path: string) {
    const titles = [...readFileSync(path, 'utf8').matchAll(TITLE)].map(([, ...quoted]) => quoted.join(''))
    this.#patterns = titles.map(unescaped).filter(saysSomething).map(patternOf)
  }

  has(title: string): boolean {
    return this.#patterns.some((pattern) => pattern.test(title))
  }
}

function unescaped(title: string): string {
  return title.replaceAll(/\\(.)/g, '$1')
}

function saysSomething(title: string): boolean {
  const words =
    title
      .split(VALUE)
      .join(' ')
      .match(/\p{L}+/gu) ?? []
  return !VALUE.test(title) || words.length >= FEWEST_WORDS
}

function patternOf(title: string): RegExp {
  const parts = title.split(VALUE).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.+')}$`)
}
