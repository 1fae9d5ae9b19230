import type { StageMark, StageState } from '@holdfast/simulator'
import { expect, onTestFinished } from 'vitest'

/** A chat page's connection to the demo, as far as the stage is concerned. */
export interface StageFeed {
  readonly state: () => StageState
  readonly marks: () => readonly StageMark[]
  /** Resolves when the stage is like this. */
  readonly until: (wanted: (state: StageState) => boolean, what: string) => Promise<void>
  /** `POST /control/…`; resolves with the status. */
  readonly post: (path: string, body?: object) => Promise<number>
}

/** Far longer than anything takes on a slow machine; the test's own time ends it before. */
const PATIENCE_MS = 60_000

/** Reads `GET /page/feed` until the test is over. */
export async function openStageFeed(url: string): Promise<StageFeed> {
  const closed = new AbortController()
  onTestFinished(() => closed.abort())
  const response = await fetch(`${url}/page/feed`, { signal: closed.signal })
  let state: StageState | undefined
  const marks = new Map<number, StageMark>()
  const hear = (name: string, data: string) => {
    const value: unknown = JSON.parse(data)
    if (name === 'hello') state = (value as { stage: { state: StageState } }).stage.state
    if (name === 'stage') state = value as StageState
    if (name === 'mark') marks.set((value as StageMark).id, value as StageMark)
  }
  readEvents(response, hear).catch(() => {
    // Closed by the test, or with the demo.
  })
  await expect.poll(() => state, { timeout: PATIENCE_MS }).toBeDefined()
  const current = () => state as StageState
  return {
    state: current,
    marks: () => [...marks.values()],
    async until(wanted, what) {
      await expect
        .poll(() => wanted(current()), { timeout: PATIENCE_MS, interval: 100 })
        .toBe(true)
        .catch(() => expect.fail(`not ${what}: ${JSON.stringify(current())}`))
    },
    async post(path, body = {}) {
      const headers = { 'content-type': 'application/json' }
      const answer = await fetch(`${url}/control/${path}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      await answer.arrayBuffer()
      return answer.status
    },
  }
}

/** https://html.spec.whatwg.org/multipage/server-sent-events.html, as far as our server uses it. */
async function readEvents(response: Response, hear: (name: string, data: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of response.body ?? []) {
    const blocks = (rest + decoder.decode(chunk, { stream: true })).split('\n\n')
    rest = blocks.pop() ?? ''
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: ?(.*)$`, 'm').exec(block)?.[1]
      const data = field('data')
      if (data !== undefined) hear(field('event') ?? 'message', data)
    }
  }
}
