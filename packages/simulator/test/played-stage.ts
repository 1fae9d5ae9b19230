import { SimulatorError, type Stage, type StageNews, type StageState } from '../src/index.ts'
import { EMPTY_LEDGER } from '../src/page/empty-ledger.ts'

/** A stage of which a test plays all parts. */
export class PlayedStage implements Stage {
  readonly links = [{ label: 'console', url: 'http://127.0.0.1:1/' }]
  readonly actions = [
    { name: 'roll', label: 'Roll out v2', help: 'Replaces the workers one by one.', key: 'r' },
    { name: 'kill-worker', label: 'Kill a worker', help: 'SIGKILL.', key: 'k' },
  ]
  readonly performed: string[] = []
  readonly watchers = new Set<(news: StageNews) => void>()
  /** What `perform` refuses, by name. */
  readonly refuses = new Map<string, string>()
  #sent = 0

  state(): StageState {
    return { parts: [], ledger: { ...EMPTY_LEDGER, sent: this.#sent }, refused: {}, running: {} }
  }

  history() {
    return { samples: [{ at: 1, delayMs: 5 }], marks: [{ id: 1, at: 1, kind: 'roll', label: 'rolled' }] }
  }

  perform(action: string): Promise<void> {
    const why = this.refuses.get(action)
    if (why !== undefined) return Promise.reject(new SimulatorError('bad-request', why))
    this.performed.push(action)
    return Promise.resolve()
  }

  watch(listener: (news: StageNews) => void): () => void {
    this.watchers.add(listener)
    return () => this.watchers.delete(listener)
  }

  /** One more was said. */
  count(): void {
    this.#sent += 1
  }

  tell(news: StageNews): void {
    for (const watcher of this.watchers) watcher(news)
  }
}
