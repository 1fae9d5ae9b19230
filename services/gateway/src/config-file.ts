import { readFileSync } from 'node:fs'
import { type Config, ProblemError } from '@holdfast/runtime'

/** The file that a gateway is configured by, and what it held when it was last loaded. */
export class ConfigFile {
  readonly path: string
  readonly #parse: () => Config
  #text: string | undefined
  #wasLoaded = false

  /** `parse` reads the configuration anew; it throws a `ProblemError` that says what is wrong with it. */
  constructor(path: string, parse: () => Config) {
    this.path = path
    this.#parse = parse
  }

  /** @throws {ProblemError} as at the start of a gateway. */
  load(): Config {
    // First: what is written between the two is then found to be a change.
    this.#text = this.#read()
    // Where it was not asked for by name, nobody else would miss it: the environment alone would be taken for the whole.
    if (this.#text === undefined && this.#wasLoaded)
      throw new ProblemError(
        'config-unreadable',
        `${this.path}: can't read the configuration any more: put the file back`,
      )
    const config = this.#parse()
    this.#wasLoaded = true
    return config
  }

  /** Whether its text is another than at the last load, good or bad. */
  hasChanged(): boolean {
    return this.#read() !== this.#text
  }

  #read(): string | undefined {
    try {
      return readFileSync(this.path, 'utf8')
    } catch {
      return undefined // That it is gone is a change too; what that means is told by whoever loads it.
    }
  }
}
