import type { FastifyInstance, FastifyRequest } from 'fastify'
import { CONNECT_TARGETS, type ConnectTarget } from './armed-faults.ts'
import type { DiscordDeed, DiscordReact } from './discord/deeds.ts'
import type { FakeDiscord } from './discord/fake-discord.ts'
import { SimulatorError } from './errors.ts'
import type { Fact, Platform } from './facts.ts'
import type { FaultRequest, FaultWorld } from './fault.ts'
import { applyFault, listFaults } from './faults.ts'
import { Fields } from './fields.ts'
import { given } from './given.ts'
import type { RecordFilter } from './record.ts'
import type { FakeSlack } from './slack/fake-slack.ts'
import { slackDeeds } from './slack/slack-control.ts'

/**
 * The operator's door, under `/control`: everything that people on the platforms do, every fault, and the record. A POST
 * takes one object, or an array of them that is done in order and answered by an array.
 */
export function serveControl(app: FastifyInstance, world: FaultWorld): void {
  const { slack, discord, record } = world
  const actions: Readonly<Record<string, (fields: Fields) => unknown>> = {
    'slack/message': (fields) => slackMessage(slack, fields),
    'slack/reaction': (fields) =>
      slack.react(fields.text('channel'), fields.text('user'), fields.text('ts'), fields.text('name')),
    'slack/frame': (fields) => slack.sendFrame(fields.text('bot'), fields.text('frame')),
    ...slackDeeds(slack),
    'discord/message': (fields) => discordMessage(discord, fields),
    'discord/dispatch': (fields) => discordDispatch(discord, fields),
    'discord/reaction': (fields) => ({ deliveredTo: discord.react(readReaction(fields)) }),
    'discord/thread': (fields) => startThread(discord, fields),
    'discord/interaction': (fields) => discord.interact(readDeed(fields)),
    fault: (fields) => ({ ok: true, ...applyFault(world, readFault(fields)) }),
  }
  for (const [path, act] of Object.entries(actions)) {
    app.post(`/control/${path}`, ({ body }) => perform(`POST /control/${path}`, body, act))
  }
  app.get('/control/fault', () => listFaults())
  app.get('/control/state', () => ({ slack: slack.state(), discord: discord.state(), recordEnd: record.end }))
  app.get('/control/record', (request) => record.read(readFilter(request)))
}

function perform(where: string, body: unknown, act: (fields: Fields) => unknown): unknown {
  if (!Array.isArray(body)) return act(new Fields(body, where))
  // Done one by one: a bad item names its place, and those before it are done.
  return body.map((item, index) => act(new Fields(item, `${where}, item ${index}`)))
}

function slackMessage(slack: FakeSlack, fields: Fields) {
  return slack.say(
    given({
      channel: fields.text('channel'),
      user: fields.text('user'),
      text: fields.text('text'),
      threadTs: fields.optionalText('thread_ts'),
    }),
  )
}

function discordMessage(discord: FakeDiscord, fields: Fields) {
  const said = { channel: fields.text('channel'), user: fields.text('user'), text: fields.text('text') }
  const { message, deliveredTo } = discord.say(said)
  return { id: message.id, deliveredTo }
}

function readReaction(fields: Fields): DiscordReact {
  const where = { channel: fields.text('channel'), message: fields.text('message') }
  return { ...where, user: fields.text('user'), emoji: fields.text('emoji') }
}

function startThread(discord: FakeDiscord, fields: Fields) {
  const where = { channel: fields.text('channel'), message: fields.text('message') }
  const start = { ...where, user: fields.text('user'), name: fields.text('name') }
  const { thread, deliveredTo } = discord.startThread(start)
  return { id: thread.id, deliveredTo }
}

function discordDispatch(discord: FakeDiscord, fields: Fields) {
  const dispatch = { t: fields.text('t'), d: fields.text('d'), bot: fields.optionalText('bot') }
  return { deliveredTo: discord.dispatch(given(dispatch)) }
}

function readDeed(fields: Fields): DiscordDeed {
  const about = { bot: fields.text('bot'), channel: fields.text('channel'), user: fields.text('user') }
  const command = fields.optionalText('command')
  if (command === undefined) {
    return { ...about, deed: { customId: fields.text('customId'), messageId: fields.text('messageId') } }
  }
  return { ...about, deed: given({ command, options: fields.optionalList('options') }) }
}

function readFault(fields: Fields): FaultRequest {
  const fault = fields.text('fault')
  const platform = readPlatform(fields.text('platform'))
  const parameters = listFaults()[fault]?.parameters[platform]
  // A fault that there is not on this platform is refused as such.
  const names = parameters?.map(({ name }) => name)
  if (names) fields.refuseOthers(['fault', 'platform', ...names], `fault "${fault}"`)
  return given({
    fault,
    platform,
    bot: fields.optionalText('bot'),
    code: fields.optionalNumber('code'),
    resumable: fields.optionalFlag('resumable'),
    shard: fields.optionalNumber('shard'),
    lost: fields.optionalFlag('lost'),
    forMs: fields.optionalNumber('forMs'),
    ms: fields.optionalNumber('ms'),
    target: readTarget(fields),
    method: fields.optionalText('method'),
    status: fields.optionalNumber('status'),
    retryAfterS: fields.optionalNumber('retryAfterS'),
    error: fields.optionalText('error'),
    count: fields.optionalNumber('count'),
  })
}

function readTarget(fields: Fields): ConnectTarget | undefined {
  const target = fields.optionalText('target')
  if (target === undefined) return undefined
  const known = Object.values(CONNECT_TARGETS).flat()
  const found = known.find((each) => each === target)
  if (found) return found
  throw new SimulatorError('bad-request', `target "${target}" is unknown: use one of ${known.join(', ')}`)
}

function readPlatform(platform: string): Platform {
  if (platform === 'slack' || platform === 'discord') return platform
  throw new SimulatorError('bad-request', `platform "${platform}" is unknown: use slack or discord`)
}

function readFilter({ query }: FastifyRequest): RecordFilter {
  const { since, limit, kind, platform } = query as Readonly<Record<string, string | undefined>>
  return given({
    since: readCount('since', since),
    limit: readCount('limit', limit),
    // An unknown kind finds nothing, which the answer shows.
    kind: kind as Fact['kind'] | undefined,
    platform: platform === undefined ? undefined : readPlatform(platform),
  })
}

function readCount(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= 0) return value
  throw new SimulatorError(
    'bad-request',
    `GET /control/record: "${name}" must be a whole number, not "${text}"`,
  )
}
