import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { ArmedFaults } from '../armed-faults.ts'
import type { SimulatorRecord } from '../record.ts'
import type { SlackBot, SlackDirectory } from './directory.ts'
import { refuse, type SlackAnswer, SlackArgs, type SlackMethod, type SlackWorld } from './method.ts'
import type { MethodRates } from './method-rates.ts'
import { SLACK_APP_METHODS, SLACK_METHODS } from './methods/table.ts'

/** What the Web API is made of. */
export interface SlackApiParts {
  readonly world: SlackWorld
  readonly record: SimulatorRecord
  readonly armed: ArmedFaults
  readonly rates: MethodRates
}

/** A request on its way through: each step below either answers it or leaves it to the next. */
interface Request {
  readonly method: string
  readonly args: SlackArgs
  readonly token: string | undefined
  readonly host: string
}

/** What goes back over HTTP, and for whom it is recorded. */
interface Response {
  readonly status: number
  readonly body: SlackAnswer | string
  readonly bot?: SlackBot
  readonly retryAfterS?: number
}

/** Serves `/slack/api/<method>`: faults first, then token, limits and the method itself. */
export function serveSlackApi(app: FastifyInstance, parts: SlackApiParts): void {
  app.all('/slack/api/:method', (request, reply) => {
    const asked = readRequest(request)
    const response = answer(parts, asked)
    if (isRefused(response)) recordRefusal(parts.record, asked, response)
    else if (parts.armed.takeLostAnswer('slack', asked.method)) {
      return loseAnswer(parts.record, asked, response, reply)
    }
    if (response.retryAfterS !== undefined) reply.header('retry-after', String(response.retryAfterS))
    return reply.code(response.status).send(response.body)
  })
}

function answer(parts: SlackApiParts, asked: Request): Response {
  const failure = parts.armed.takeFailure('slack', asked.method)
  if (failure) {
    const { status, retryAfterS, error } = failure
    if (error !== undefined) return { status: 200, body: refuse(error) }
    if (status === 429) return limited(retryAfterS)
    return { status, body: 'simulated failure', retryAfterS }
  }
  const method = SLACK_METHODS.get(asked.method)
  if (!method) return { status: 200, body: refuse('unknown_method', { req_method: asked.method }) }
  if (!asked.token) return { status: 200, body: refuse('not_authed') }
  const caller = callerOf(parts.world.directory, asked.method, asked.token)
  if (typeof caller === 'string') return { status: 200, body: refuse(caller) }
  return call(parts, asked, method, caller)
}

/** The bot whose token it is, if the method takes tokens of this kind; else Slack's word for what is wrong. */
function callerOf(directory: SlackDirectory, method: string, token: string): SlackBot | string {
  const byBotToken = directory.botOfToken(token)
  const byAppToken = directory.botOfAppToken(token)
  const [fitting, other] = SLACK_APP_METHODS.has(method) ? [byAppToken, byBotToken] : [byBotToken, byAppToken]
  return fitting ?? (other ? 'not_allowed_token_type' : 'invalid_auth')
}

function call(parts: SlackApiParts, asked: Request, method: SlackMethod, bot: SlackBot): Response {
  const waitMs = parts.rates.take(asked.method, bot, asked.args)
  if (waitMs > 0) return { ...limited(Math.ceil(waitMs / 1_000)), bot }
  const { args, host } = asked
  return { status: 200, body: method(parts.world, { bot, args, host }), bot }
}

function limited(retryAfterS: number): Response {
  return { status: 429, body: refuse('ratelimited'), retryAfterS }
}

function readRequest(request: FastifyRequest): Request {
  const { method = '' } = request.params as { method?: string }
  const query = request.query as Record<string, unknown>
  const body = typeof request.body === 'object' ? (request.body as Record<string, unknown> | null) : null
  const args = new SlackArgs({ ...query, ...body })
  const bearer = /^Bearer (.+)$/i.exec(request.headers.authorization ?? '')?.[1]
  return { method, args, token: bearer ?? args.text('token'), host: request.headers.host ?? '' }
}

function isRefused({ body }: Response): boolean {
  return typeof body === 'string' || !body.ok
}

function recordRefusal(record: SimulatorRecord, { method }: Request, { status, body, bot }: Response): void {
  record.write({
    kind: 'refusal',
    platform: 'slack',
    ...(bot && { bot: bot.userId }),
    method,
    status,
    error: typeof body === 'string' ? body : (body.error ?? ''),
  })
}

function loseAnswer(record: SimulatorRecord, { method }: Request, { bot }: Response, reply: FastifyReply) {
  record.write({ kind: 'lost-answer', platform: 'slack', ...(bot && { bot: bot.userId }), method })
  reply.hijack()
  reply.raw.destroy()
  return reply
}
