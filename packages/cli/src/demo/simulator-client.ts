import type { Entry, Fact, RecordPage } from '@holdfast/simulator'

export type PlatformName = 'slack' | 'discord'

/** A message of a person. */
export interface Said {
  readonly channel: string
  readonly user: string
  readonly text: string
}

/** One thing that happens on the simulated platforms. */
export type Happening =
  | { readonly on: 'slack/message' | 'discord/message'; readonly body: Said }
  | { readonly on: 'slack/frame'; readonly body: { readonly bot: string; readonly frame: string } }
  | {
      readonly on: 'discord/dispatch'
      readonly body: { readonly bot: string; readonly t: string; readonly d: string }
    }

/** The simulator's control API, from another process. */
export class SimulatorClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Makes things happen, in order. Resolves when they have. */
  async happen(happenings: readonly Happening[]): Promise<void> {
    for (const { on, bodies } of runsOf(happenings)) await this.#request(`/control/${on}`, bodies)
  }

  /** The record's entries of a kind from `since` on, and where to read on. Throws when the record has dropped some. */
  async record<Kind extends Fact['kind']>(
    kind: Kind,
    since: number,
  ): Promise<{ readonly entries: readonly Extract<Entry, { kind: Kind }>[]; readonly next: number }> {
    const page = (await this.#request(`/control/record?kind=${kind}&since=${since}`)) as RecordPage
    if (page.droppedCount > since)
      throw new Error(`the simulator's record begins at ${page.droppedCount} only`)
    const isKind = (entry: Entry): entry is Extract<Entry, { kind: Kind }> => entry.kind === kind
    return { entries: page.entries.filter(isKind), next: page.next }
  }

  /** All entries of a kind. */
  async whole<Kind extends Fact['kind']>(kind: Kind): Promise<readonly Extract<Entry, { kind: Kind }>[]> {
    const all: Extract<Entry, { kind: Kind }>[] = []
    for (let since = 0; ; ) {
      const { entries, next } = await this.record(kind, since)
      all.push(...entries)
      if (next === since) return all
      since = next
    }
  }

  async #request(path: string, body?: unknown): Promise<unknown> {
    const post = {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    }
    const response = await fetch(`${this.#url}${path}`, body === undefined ? {} : post)
    if (response.ok) return response.json()
    throw new Error(`the simulator answered ${response.status} to ${path}: ${await response.text()}`)
  }
}

/** Neighbours of one kind together: one request takes a batch of one kind. */
function runsOf(happenings: readonly Happening[]): { on: string; bodies: unknown[] }[] {
  const runs: { on: string; bodies: unknown[] }[] = []
  for (const { on, body } of happenings) {
    const last = runs.at(-1)
    if (last?.on === on) last.bodies.push(body)
    else runs.push({ on, bodies: [body] })
  }
  return runs
}
