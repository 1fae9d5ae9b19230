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

/** The simulator's control API over HTTP, as any client uses it. */
export class SimulatorClient {
  readonly #url: string

  constructor(url: string) {
    this.#url = url
  }

  /** Makes things happen, in order. Resolves when they have. */
  async happen(happenings: readonly Happening[]): Promise<void> {
    for (const { on, bodies } of runsOf(happenings)) await this.#post(`/control/${on}`, bodies)
  }

  async #post(path: string, body: unknown): Promise<void> {
    const headers = { 'content-type': 'application/json' }
    const response = await fetch(`${this.#url}${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    const said = await response.text()
    if (response.ok) return
    throw new Error(`the simulator answered ${response.status} to ${path}: ${said}`)
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
