import { type Config, didYouMean, EXIT, loadConfig, ProblemError } from '@holdfast/runtime'
import { command, type FlagValues, type Terminal } from '../command.ts'
import { REDIS_FLAG } from '../redis-flag.ts'
import { subscriptionJson, subscriptionsPage } from '../subscriptions/as-text.ts'
import { type Books, withBooks } from '../subscriptions/open-books.ts'
import { heldCount, lookAtAll } from '../subscriptions/sight.ts'

const FLAGS = {
  force: {
    type: 'boolean',
    help: 'rm: also while workers are live; they get nothing until they start again',
  },
  yes: { type: 'boolean', help: 'rm: without asking' },
  config: REDIS_FLAG,
  json: { type: 'boolean', help: 'as JSON: ls one line for each, the others one line' },
} as const

/** What a verb works with. */
interface Call {
  readonly name: string
  readonly flags: FlagValues<typeof FLAGS>
  readonly books: Books
  readonly terminal: Terminal
}

export const subscriptions = command({
  name: 'subscriptions',
  operands: 'ls|rm|pause|resume [NAME]',
  summary:
    'Subscriptions: shows them, removes one with all that is in it, halts its workers, lets them go on',
  flags: FLAGS,
  exitCodes: [
    ['0', 'done'],
    ['1', 'there is none of this name, it may not be removed, or the question was not answered with yes'],
    ['2', 'wrong usage or configuration, or a Redis that does not answer'],
  ],
  async run(flags, terminal, [verb = '', name, ...more]) {
    const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
    if (!run) throw unknownVerb(verb)
    if (more.length > 0 || (verb === 'ls') !== (name === undefined))
      throw usage(
        verb === 'ls' ? 'ls takes no name' : `${verb} takes one name; holdfast subscriptions ls shows them`,
      )
    const redis = redisOf(flags, terminal)
    return withBooks(redis, (books) => run({ name: name ?? '', flags, books, terminal }))
  },
})

const VERBS: Readonly<Record<string, (call: Call) => Promise<number>>> = { ls, rm, pause, resume }

const REFUSALS = {
  unknown: 'there is no such subscription; holdfast subscriptions ls shows them',
  fixed: 'the configuration file has it: take it out there, reload the gateways, and remove it then',
  workers: 'workers of it are live: stop them first, or use --force',
} as const

const redisOf = ({ config: file }: Call['flags'], { env }: Terminal): Config['redis'] =>
  loadConfig({ file, env, ignore: ['connections'] }).redis

const usage = (message: string): ProblemError => new ProblemError('usage', `subscriptions: ${message}`)

function unknownVerb(verb: string): ProblemError {
  const verbs = Object.keys(VERBS)
  if (verb === '') return usage(`say what to do: ${verbs.join(', ')}; see holdfast subscriptions --help`)
  return usage(`it can't "${verb}"${didYouMean(verb, verbs) || `; there are ${verbs.join(', ')}`}`)
}

async function ls({ flags, books, terminal: { out } }: Call): Promise<number> {
  const all = await lookAtAll(books)
  const lines = flags.json
    ? all.map((each) => JSON.stringify(subscriptionJson(each)))
    : subscriptionsPage(all)
  for (const line of lines) out(line)
  return EXIT.clean
}

async function rm(call: Call): Promise<number> {
  const { name, flags, books } = call
  const found = (await lookAtAll(books)).find((each) => each.name === name)
  if (!found) return refused(call, 'unknown')
  const count = heldCount(found)
  if (count > 0 && !flags.yes && !(await isMeant(call, count))) return EXIT.crash
  const result = await books.admin.remove(name, { force: flags.force ?? false })
  if (result !== 'removed') return refused(call, result)
  return done(call, 'removed', { events: count })
}

/** There is no way back: what waits, sleeps or is dead goes with it. */
async function isMeant({ name, terminal: { ask } }: Call, count: number): Promise<boolean> {
  if (!ask) throw usage(`rm ${name} drops ${count} events for good: say --yes`)
  const answer = await ask(`remove ${name} and drop the ${count} events in it for good? [y/N] `)
  return /^y(es)?$/i.test(answer.trim())
}

async function pause(call: Call): Promise<number> {
  const result = await call.books.admin.pause(call.name)
  return result === 'paused' ? done(call, 'paused') : refused(call, result)
}

async function resume(call: Call): Promise<number> {
  const result = await call.books.admin.resume(call.name)
  return result === 'resumed' ? done(call, 'resumed') : refused(call, result)
}

const TOLD = {
  removed: 'is removed, with all that was in it',
  paused: 'is paused: workers take nothing from it, and events wait',
  resumed: 'goes on',
} as const

function done({ name, flags, terminal }: Call, state: keyof typeof TOLD, more: object = {}): number {
  terminal.out(flags.json ? JSON.stringify({ subscription: name, state, ...more }) : `${name} ${TOLD[state]}`)
  return EXIT.clean
}

function refused({ name, flags, terminal }: Call, why: keyof typeof REFUSALS): number {
  if (flags.json) terminal.out(JSON.stringify({ subscription: name, state: 'refused', why }))
  terminal.err(`holdfast: subscriptions: ${name}: ${REFUSALS[why]}`)
  return EXIT.crash
}
