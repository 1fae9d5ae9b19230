import type { ServerResponse } from 'node:http'
import type { HttpServer } from '@holdfast/runtime'
import { createChannel, createSession, type Session } from 'better-sse'
import type { ConsoleEvents } from './feed.ts'

/** More pages than this at once are turned away. */
const PAGE_BOUND = 100
/** A page that has taken in nothing for so long that this much waits for it is cut off; it comes back by itself. */
const BEHIND_BYTES = 4 * 1024 * 1024

/** The pages that are open. */
export interface Feed {
  /** To every open page. */
  send<Name extends keyof ConsoleEvents>(name: Name, data: ConsoleEvents[Name]): void
}

/** `GET /page/feed`: `hello` on connection, then whatever is sent. See `feed.ts`. */
export function addFeed({ app }: Pick<HttpServer, 'app'>, hello: () => ConsoleEvents['hello']): Feed {
  const channel = createChannel()
  const pages = new Map<Session, ServerResponse>()
  channel.on('session-disconnected', (session) => pages.delete(session))

  app.get('/page/feed', async (request, reply) => {
    if (pages.size >= PAGE_BOUND)
      return reply.code(503).send({ problem: `${PAGE_BOUND} pages are open already: close one` })
    reply.hijack()
    // Its keep-alive would outlive a page that goes before its answer began, and each second brings an event anyway.
    const session = await createSession(request.raw, reply.raw, { keepAlive: null })
    if (reply.raw.destroyed) return
    session.push(hello(), 'hello')
    pages.set(session, reply.raw)
    channel.register(session)
  })

  return {
    send(name, data) {
      for (const response of pages.values()) if (response.writableLength > BEHIND_BYTES) response.destroy()
      channel.broadcast(data, name)
    },
  }
}
