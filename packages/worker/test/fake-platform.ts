import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Call {
  readonly method: string
  /** The path without a leading slash, with its query: `chat.postMessage`, `v10/channels/77/messages?limit=5`. */
  readonly path: string
  /** The form's or the JSON body's fields. */
  readonly body: Record<string, unknown>
  readonly authorization: string | undefined
}

/** What to answer: JSON with a status, or `hang up` to close the socket after the call has arrived. */
export type Answer =
  | { readonly status?: number; readonly headers?: Record<string, string>; readonly json: unknown }
  | 'hang up'

export interface FakePlatform {
  readonly url: string
  readonly calls: Call[]
  close(): Promise<void>
}

/** A platform's REST interface that records every call and answers as the test says. */
export async function startFakePlatform(answer: (call: Call) => Answer): Promise<FakePlatform> {
  const calls: Call[] = []
  const server = createServer((request, response) => {
    void readCall(request).then((call) => {
      calls.push(call)
      respond(response, answer(call))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    calls,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function readCall(request: IncomingMessage): Promise<Call> {
  let text = ''
  for await (const chunk of request) text += String(chunk)
  const json = request.headers['content-type']?.startsWith('application/json')
  const body = json ? JSON.parse(text) : Object.fromEntries(new URLSearchParams(text))
  const { method = 'GET', url = '', headers } = request
  return { method, path: url.slice(1), body, authorization: headers.authorization }
}

function respond(response: ServerResponse, answer: Answer): void {
  if (answer === 'hang up') {
    response.destroy()
    return
  }
  response.writeHead(answer.status ?? 200, { 'content-type': 'application/json', ...answer.headers })
  response.end(JSON.stringify(answer.json))
}
