import { createHash } from 'node:crypto'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ArmedFaults, RequestFailure } from '../armed-faults.ts'
import type { Clock } from '../clock.ts'
import { FixedWindow, type WindowState } from '../rates.ts'
import type { SimulatorRecord } from '../record.ts'
import type { DiscordBot } from './directory.ts'
import { type DiscordWorld, type OpenCall, type RestAnswer, type Route, refuse, routeName } from './route.ts'
import { COMMAND_ROUTES } from './routes/commands.ts'
import { GUILD_ROUTES } from './routes/guilds.ts'
import { IDENTITY_ROUTES } from './routes/identity.ts'
import { INTERACTION_ROUTES } from './routes/interactions.ts'
import { MESSAGE_ROUTES } from './routes/messages.ts'

/** What the REST side is made of. */
export interface DiscordRestParts {
  readonly clock: Clock
  readonly world: DiscordWorld
  readonly record: SimulatorRecord
  readonly armed: ArmedFaults
}

interface Response extends RestAnswer {
  readonly headers?: Readonly<Record<string, string>>
  readonly bot?: DiscordBot | undefined
}

const ROUTES: readonly Route[] = [
  ...IDENTITY_ROUTES,
  ...COMMAND_ROUTES,
  ...GUILD_ROUTES,
  ...MESSAGE_ROUTES,
  ...INTERACTION_ROUTES,
]

/** Serves `/discord/api/v10`: faults first, then token, limits and the route itself. */
export function serveDiscordRest(app: FastifyInstance, parts: DiscordRestParts): void {
  const rest = new DiscordRest(parts)
  for (const route of ROUTES) {
    app.route({
      method: route.method,
      url: `/discord/api/v10${route.path}`,
      handler: (request, reply) => rest.serve(route, request, reply),
    })
  }
  app.all('/discord/api/*', (_, reply) => sendJson(reply.code(404), { message: '404: Not Found', code: 0 }))
}

class DiscordRest {
  readonly #parts: DiscordRestParts
  readonly #windows = new Map<string, FixedWindow>()

  constructor(parts: DiscordRestParts) {
    this.#parts = parts
  }

  serve(route: Route, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const name = routeName(route)
    const response = this.#answer(route, name, request)
    const bot = response.bot && { bot: response.bot.id }
    if (response.status >= 400) {
      const error = errorOf(response.body)
      this.#parts.record.write({
        kind: 'refusal',
        platform: 'discord',
        ...bot,
        method: name,
        status: response.status,
        error,
      })
    } else if (this.#parts.armed.takeLostAnswer('discord', name)) {
      this.#parts.record.write({ kind: 'lost-answer', platform: 'discord', ...bot, method: name })
      reply.hijack()
      reply.raw.destroy()
      return reply
    }
    return sendJson(reply.code(response.status).headers(response.headers ?? {}), response.body)
  }

  #answer(route: Route, name: string, request: FastifyRequest): Response {
    const failure = this.#parts.armed.takeFailure('discord', name)
    if (failure) return failed(failure)
    const call = readCall(request)
    if (route.auth === 'open')
      return this.#limited(route, call, undefined, () => route.handle(this.#parts.world, call))
    const bot = this.#authenticate(request)
    if (!bot) return { status: 401, body: { message: '401: Unauthorized', code: 0 } }
    const handle = () => route.handle(this.#parts.world, { ...call, bot })
    const global = this.#window(`global ${bot.id}`, this.#parts.world.limits.restGlobal).take()
    if (!global.allowed) return { ...tooMany(global, true), bot }
    return { ...this.#limited(route, call, bot, handle), bot }
  }

  /** Counts the request to its bucket: method and path, on one top-level resource. */
  #limited(
    route: Route,
    { params }: OpenCall,
    bot: DiscordBot | undefined,
    handle: () => RestAnswer,
  ): Response {
    const resource = params.channel ?? params.guild ?? params.token ?? params.application ?? ''
    const key = `${bot?.id ?? ''} ${routeName(route)} ${resource}`
    const rate = this.#parts.world.limits.restPerRoute
    const state = this.#window(key, rate).take()
    const headers = {
      'x-ratelimit-limit': String(rate.count),
      'x-ratelimit-remaining': String(state.remainingCount),
      'x-ratelimit-reset': ((this.#parts.clock.wallAt() + state.resetAfterMs) / 1_000).toFixed(3),
      'x-ratelimit-reset-after': (state.resetAfterMs / 1_000).toFixed(3),
      'x-ratelimit-bucket': createHash('md5').update(routeName(route)).digest('hex'),
    }
    if (state.allowed) return { ...handle(), headers }
    const refused = tooMany(state, false)
    return { ...refused, headers: { ...headers, ...refused.headers } }
  }

  #window(key: string, rate: { readonly count: number; readonly perMs: number }): FixedWindow {
    const window = this.#windows.get(key) ?? new FixedWindow(this.#parts.clock, rate)
    this.#windows.set(key, window)
    return window
  }

  #authenticate({ headers }: FastifyRequest): DiscordBot | undefined {
    const token = /^Bot (.+)$/.exec(headers.authorization ?? '')?.[1]
    return token === undefined ? undefined : this.#parts.world.directory.botOfToken(token)
  }
}

/** As Discord does: `application/json` and nothing after it. Sent as bytes, since a text would be given a charset. */
function sendJson(reply: FastifyReply, body: unknown): FastifyReply {
  if (body === undefined) return reply.send()
  return reply.header('content-type', 'application/json').send(Buffer.from(JSON.stringify(body)))
}

function tooMany({ resetAfterMs }: WindowState, global: boolean): Required<Omit<Response, 'bot'>> {
  const retryAfterS = Number((resetAfterMs / 1_000).toFixed(3))
  return {
    status: 429,
    headers: {
      'retry-after': String(Math.ceil(retryAfterS)),
      'x-ratelimit-scope': global ? 'global' : 'user',
      ...(global ? { 'x-ratelimit-global': 'true', 'x-ratelimit-reset-after': String(retryAfterS) } : {}),
    },
    body: { message: 'You are being rate limited.', retry_after: retryAfterS, global },
  }
}

function failed({ status, retryAfterS }: RequestFailure): Response {
  if (status === 429)
    return tooMany({ allowed: false, remainingCount: 0, resetAfterMs: retryAfterS * 1_000 }, false)
  return { ...refuse(status, 0, 'simulated failure') }
}

function readCall({ params, query, body, headers }: FastifyRequest): OpenCall {
  return {
    params: params as Record<string, string>,
    query: query as Record<string, unknown>,
    body: typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {},
    list: Array.isArray(body) ? body : undefined,
    host: headers.host ?? '',
  }
}

function errorOf(body: unknown): string {
  return typeof body === 'object' && body !== null && 'message' in body ? String(body.message) : ''
}
