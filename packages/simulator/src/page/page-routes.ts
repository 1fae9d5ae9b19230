import { existsSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'
import { SimulatorError } from '../errors.ts'
import { Fields } from '../fields.ts'
import type { StreamState } from './feed.ts'
import type { MessageStream } from './message-stream.ts'
import type { PageFeed } from './page-feed.ts'
import type { Stage } from './stage.ts'

const BUILT_PAGE = fileURLToPath(new URL('../../dist/chat-page', import.meta.url))
const PER_SECOND = { least: 0.01, most: 1_000 }
const NOT_BUILT =
  'The chat page is not built: run "npm run build". The simulator itself works without it; its feed is at /page/feed.\n'

/** What the routes of the page act on. */
export interface PageParts {
  readonly feed: PageFeed
  readonly stream: MessageStream
  readonly stage?: Stage
  /** Where the built page lies; beside this package by default. */
  readonly folder?: string
}

/** Serves the page at `/`, its feed, and what only the page has under `/control`. */
export function servePage(
  app: FastifyInstance,
  { feed, stream, stage, folder = BUILT_PAGE }: PageParts,
): void {
  if (existsSync(`${folder}/index.html`)) app.register(fastifyStatic, { root: folder, wildcard: true })
  else app.get('/', (_, reply) => reply.code(503).type('text/plain; charset=utf-8').send(NOT_BUILT))
  app.get('/page/feed', { exposeHeadRoute: false }, async (request, reply) => {
    reply.hijack()
    await feed.open(request.raw, reply.raw)
  })
  app.post('/control/stream', ({ body }) => setPace(stream, new Fields(body, 'POST /control/stream')))
  app.post('/control/stage/:action', async (request, reply) => {
    const { action } = request.params as { readonly action: string }
    const known = knownAction(stage, action)
    const refused = await known.perform(action).then(() => undefined, refusalOf)
    if (refused) return reply.code(409).send({ code: refused.code, error: refused.message })
    return { ok: true }
  })
}

function setPace(stream: MessageStream, fields: Fields): StreamState {
  const perSecond = fields.number('perSecond')
  const { least, most } = PER_SECOND
  if (perSecond !== 0 && !(perSecond >= least && perSecond <= most)) {
    const wanted = `"perSecond" must be 0 (stops), or a number from ${least} to ${most}, not ${perSecond}`
    throw new SimulatorError('bad-request', `POST /control/stream: ${wanted}`)
  }
  stream.setPace(perSecond)
  return stream.state()
}

function knownAction(stage: Stage | undefined, action: string): Stage {
  if (!stage) {
    throw new SimulatorError('not-found', `no action "${action}": nothing runs behind this simulator`)
  }
  if (stage.actions.some(({ name }) => name === action)) return stage
  const known = stage.actions.map(({ name }) => name).join(', ')
  throw new SimulatorError('not-found', `no action "${action}": use one of ${known}`)
}

/** What the stage refuses comes as a `bad-request`; anything else is a fault of its own. */
function refusalOf(error: unknown): SimulatorError {
  if (error instanceof SimulatorError && error.code === 'bad-request') return error
  throw error
}
