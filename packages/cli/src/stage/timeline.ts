import type { StageMark, StageNews, StageSample } from '@holdfast/simulator'

/** How long the past is kept. */
const KEPT_MS = 10 * 60_000

/** The stage's past, bounded by time: samples, and marks of what was done to it. Tells its listeners what is new. */
export class Timeline {
  readonly #listeners = new Set<(news: StageNews) => void>()
  #samples: StageSample[] = []
  #marks: readonly StageMark[] = []
  #markCount = 0

  get history(): { readonly samples: readonly StageSample[]; readonly marks: readonly StageMark[] } {
    return { samples: [...this.#samples], marks: this.#marks }
  }

  /** Calls back for whatever is new from now on. Returns how to stop. */
  watch(listener: (news: StageNews) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  sample(sample: StageSample): void {
    const oldestAt = sample.at - KEPT_MS
    this.#samples.push(sample)
    while ((this.#samples[0]?.at ?? oldestAt) < oldestAt) this.#samples.shift()
    this.#marks = this.#marks.filter(({ endedAt }) => endedAt === undefined || endedAt >= oldestAt)
    this.#tell({ what: 'sample', sample })
  }

  /** Something begins, or was announced. Returns it: `change` takes it further. */
  mark(mark: Omit<StageMark, 'id'>): StageMark {
    this.#markCount += 1
    const marked = { ...mark, id: this.#markCount }
    this.#marks = [...this.#marks, marked]
    this.#tell({ what: 'mark', mark: marked })
    return marked
  }

  /** The mark of the same id is like this now. */
  change(mark: StageMark): void {
    this.#marks = this.#marks.map((other) => (other.id === mark.id ? mark : other))
    this.#tell({ what: 'mark', mark })
  }

  #tell(news: StageNews): void {
    for (const listener of this.#listeners) listener(news)
  }
}
