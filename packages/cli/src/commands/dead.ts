import { type Config, didYouMean, loadConfig, systemClock } from '@holdfast/runtime'
import { command, type FlagValues, type Terminal } from '../command.ts'
import { listLetters, showLetter } from '../dead/looking.ts'
import { chosenBy, dropLetters, retryLetters } from '../dead/moving.ts'
import { subscriptionsIn, withLetters } from '../dead/open-letters.ts'
import { usage } from '../dead/usage.ts'
import { REDIS_FLAG } from '../redis-flag.ts'

const FLAGS = {
  type: { type: 'string', value: 'PATTERN', help: 'those of this event type: slack.message, discord.*' },
  reason: { type: 'string', value: 'TEXT', help: 'those whose reason has this in it: no-handler' },
  'older-than': { type: 'string', value: 'TIME', help: 'those that died longer ago: 30s, 15m, 2h, 7d' },
  limit: { type: 'string', value: 'N', help: 'at most so many, the oldest first; ls: 100 unless said' },
  all: { type: 'boolean', help: 'retry, drop: every one of the subscription' },
  yes: { type: 'boolean', help: 'drop: without asking' },
  config: REDIS_FLAG,
  json: { type: 'boolean', help: 'as JSON: ls one line for each, the others one line' },
} as const

interface Call {
  readonly subscription: string | undefined
  readonly ids: readonly string[]
  readonly flags: FlagValues<typeof FLAGS>
  readonly redis: Config['redis']
  readonly terminal: Terminal
}

export const dead = command({
  name: 'dead',
  operands: 'ls|show|retry|drop [SUBSCRIPTION] [ID…]',
  summary: 'Dead letters, events whose handler failed for good: lists, shows, runs them again, or drops them',
  flags: FLAGS,
  exitCodes: [
    ['0', 'done, be it for none of them'],
    ['1', 'there is no dead letter of this id, or the question before a drop was not answered with yes'],
    ['2', 'wrong usage or configuration, or a Redis that does not answer'],
  ],
  async run(flags, terminal, [verb = '', subscription, ...ids]) {
    const run = Object.hasOwn(VERBS, verb) ? VERBS[verb] : undefined
    if (!run) throw unknown(verb)
    const { redis } = loadConfig({ file: flags.config, env: terminal.env, ignore: ['connections'] })
    return run({ subscription, ids, flags, redis, terminal })
  },
})

const VERBS: Readonly<Record<string, (call: Call) => Promise<number>>> = { ls, show, retry, drop }

function unknown(verb: string) {
  const verbs = Object.keys(VERBS)
  if (verb === '') return usage(`say what to do: ${verbs.join(', ')}; see holdfast dead --help`)
  return usage(`it can't "${verb}"${didYouMean(verb, verbs) || `; there are ${verbs.join(', ')}`}`)
}

async function ls({ subscription, ids, flags, redis, terminal }: Call): Promise<number> {
  if (ids.length > 0) throw usage('ls takes no ids; holdfast dead show SUBSCRIPTION ID shows one')
  return withLetters(redis, async (letters) => {
    const known = await subscriptionsIn(redis)
    const names = subscription === undefined ? known : [subscription]
    const code = await listLetters(letters, names, flags, tellingBy(flags), terminal)
    // Without a word a misspelt name would look like a bot without failures.
    if (subscription !== undefined && !known.includes(subscription))
      terminal.err(
        `holdfast: dead: there is no subscription ${subscription}${didYouMean(subscription, known)}`,
      )
    return code
  })
}

async function show({ subscription, ids, flags, redis, terminal }: Call): Promise<number> {
  const [id, ...more] = ids
  if (subscription === undefined || id === undefined || more.length > 0)
    throw usage('show takes a subscription and one id; holdfast dead ls shows them')
  return withLetters(redis, (letters) => showLetter(letters, subscription, id, tellingBy(flags), terminal))
}

async function retry(call: Call): Promise<number> {
  const move = moveOf(call)
  return withLetters(call.redis, (letters) => retryLetters(letters, move, call.terminal))
}

async function drop(call: Call): Promise<number> {
  const move = moveOf(call)
  const { yes = false } = call.flags
  return withLetters(call.redis, (letters) => dropLetters(letters, move, yes, call.terminal))
}

function moveOf({ subscription, ids, flags }: Call) {
  if (subscription === undefined) throw usage('name the subscription; holdfast dead ls shows them')
  return { subscription, choice: chosenBy(ids, flags, systemClock.wallAt()), json: flags.json ?? false }
}

const tellingBy = ({ json = false }: Call['flags']) => ({ json, nowAt: systemClock.wallAt() })
