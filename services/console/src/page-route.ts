import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { HttpServer } from '@holdfast/runtime'

/** Built by `vite build page`; seen alike from `src` and from `dist`. */
const PAGE = fileURLToPath(new URL('../dist/page', import.meta.url))

/** The page at `/`, with its files beside it. */
export async function addPage({ app }: Pick<HttpServer, 'app'>, folder = PAGE): Promise<void> {
  if (existsSync(folder)) {
    await app.register(fastifyStatic, { root: folder, prefix: '/', wildcard: false })
    return
  }
  app.get('/', (_request, reply) =>
    reply
      .type('text/plain')
      .send('The page is not built yet: type `npm run build`. GET /v1/subscriptions answers.'),
  )
}
