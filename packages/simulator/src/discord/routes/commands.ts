import { given } from '../../given.ts'
import type { CommandBody } from '../commands.ts'
import {
  type BotCall,
  type DiscordWorld,
  invalidField,
  MISSING_ACCESS,
  type RestAnswer,
  type Route,
} from '../route.ts'

const COMMAND_COUNT = 100
const DESCRIPTION_LENGTH = 100

/** A bot's slash commands, for all guilds. Source: docs.discord.com, Application Commands. */
export const COMMAND_ROUTES: readonly Route[] = [
  { method: 'GET', path: '/applications/:application/commands', auth: 'bot', handle: list },
  { method: 'PUT', path: '/applications/:application/commands', auth: 'bot', handle: overwrite },
]

function list(world: DiscordWorld, call: BotCall): RestAnswer {
  return ofOwn(call, () => ({ status: 200, body: world.commands.of(call.bot) }))
}

function overwrite(world: DiscordWorld, call: BotCall): RestAnswer {
  return ofOwn(call, () => {
    const commands = readCommands(call.list)
    if ('status' in commands) return commands
    return { status: 200, body: world.commands.overwrite(call.bot, commands) }
  })
}

function ofOwn({ bot, params }: BotCall, then: () => RestAnswer): RestAnswer {
  return params.application === bot.applicationId ? then() : MISSING_ACCESS
}

function readCommands(bodies: readonly unknown[] | undefined): CommandBody[] | RestAnswer {
  if (!bodies || bodies.length > COMMAND_COUNT) {
    return invalidField('_errors', 'LIST_TYPE_CONVERT', `Send a list of at most ${COMMAND_COUNT} commands.`)
  }
  const commands: CommandBody[] = []
  for (const [index, body] of bodies.entries()) {
    const command = readCommand(body)
    if (typeof command === 'string') return invalidField(`${index}.${command}`, 'BASE_TYPE_BAD', 'Invalid.')
    if (commands.some(({ name }) => name === command.name)) {
      return invalidField(`${index}.name`, 'APPLICATION_COMMANDS_DUPLICATE_NAME', 'Names must be unique.')
    }
    commands.push(command)
  }
  return commands
}

/** The command, or the name of the field that is wrong. */
function readCommand(body: unknown): CommandBody | 'name' | 'description' {
  if (typeof body !== 'object' || body === null) return 'name'
  const { name, description, options } = body as Readonly<Record<string, unknown>>
  if (typeof name !== 'string' || !/^[-_\p{L}\p{N}]{1,32}$/u.test(name) || name !== name.toLowerCase())
    return 'name'
  if (typeof description !== 'string' || description === '' || description.length > DESCRIPTION_LENGTH)
    return 'description'
  return given({ name, description, options: Array.isArray(options) ? options : undefined })
}
