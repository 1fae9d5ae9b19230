import { inspect } from 'node:util'

/**
 * A credential. It prints as `***` wherever it is printed: JSON, template strings, `console.log`, an error's details.
 * Only `reveal()` gives the text, so each place that uses a credential can be found by that word.
 */
export class Secret {
  readonly #text: string
  readonly #shown: string

  /** `shown` replaces `***` where part of the text may be seen, as the host of a URL with a password. */
  constructor(text: string, shown = '***') {
    this.#text = text
    this.#shown = shown
  }

  reveal(): string {
    return this.#text
  }

  toString(): string {
    return this.#shown
  }

  toJSON(): string {
    return this.#shown
  }

  [inspect.custom](): string {
    return this.#shown
  }
}

/** A URL whose password is hidden when printed. Text that is no URL is hidden whole. */
export function secretUrl(text: string): Secret {
  return new Secret(text, withoutPassword(text))
}

function withoutPassword(text: string): string {
  if (!URL.canParse(text)) return '***'
  const url = new URL(text)
  // A query may carry credentials too (ioredis reads `?password=`).
  url.search = ''
  if (url.password) url.password = '***'
  return url.toString()
}
