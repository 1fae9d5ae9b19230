import type { Interaction } from '../interactions.ts'
import { readMessageBody } from '../message-body.ts'
import type { DiscordMessage } from '../messages.ts'
import {
  type DiscordWorld,
  NO_CONTENT,
  type OpenCall,
  type RestAnswer,
  type Route,
  refuse,
  UNKNOWN_MESSAGE,
} from '../route.ts'

const UNKNOWN_INTERACTION = refuse(404, 10_062, 'Unknown interaction')
const UNKNOWN_WEBHOOK = refuse(404, 10_015, 'Unknown Webhook')
const TOKEN_OVER = refuse(401, 50_027, 'Invalid Webhook Token')

/** The first response to an interaction and its follow-ups; not bound to the bot's global limit. */
export const INTERACTION_ROUTES: readonly Route[] = [
  { method: 'POST', path: '/interactions/:interaction/:token/callback', auth: 'open', handle: respond },
  { method: 'POST', path: '/webhooks/:application/:token', auth: 'open', handle: followUp },
  {
    method: 'GET',
    path: '/webhooks/:application/:token/messages/:message',
    auth: 'open',
    handle: getFollowUp,
  },
  { method: 'PATCH', path: '/webhooks/:application/:token/messages/:message', auth: 'open', handle: edit },
  { method: 'DELETE', path: '/webhooks/:application/:token/messages/:message', auth: 'open', handle: remove },
]

function respond(world: DiscordWorld, call: OpenCall): RestAnswer {
  const { interaction: id = '', token = '' } = call.params
  const interaction = world.interactions.forResponse(id, token)
  if (typeof interaction === 'string') return UNKNOWN_INTERACTION
  if (interaction.answered) return refuse(400, 40_060, 'Interaction has already been acknowledged.')
  const answer = respondOnce(world, interaction, call.body)
  if (answer.status < 300) world.interactions.answer(interaction)
  return answer
}

function respondOnce(world: DiscordWorld, interaction: Interaction, body: OpenCall['body']): RestAnswer {
  const data = typeof body.data === 'object' && body.data !== null ? { ...body.data } : {}
  switch (body.type) {
    case 4:
      return say(world, interaction, data, 'POST /interactions/:interaction/:token/callback', NO_CONTENT)
    case 7:
      return change(world, interaction, messageOf(world, interaction, '@original'), data, NO_CONTENT)
    // Deferred (5, 6), autocomplete (8) and modal (9) show no message.
    case 5:
    case 6:
    case 8:
    case 9:
      return NO_CONTENT
    default:
      return refuse(400, 50_035, 'Invalid Form Body')
  }
}

function followUp(world: DiscordWorld, call: OpenCall): RestAnswer {
  return withInteraction(world, call, (interaction) =>
    say(world, interaction, call.body, 'POST /webhooks/:application/:token'),
  )
}

function getFollowUp(world: DiscordWorld, call: OpenCall): RestAnswer {
  return withInteraction(world, call, (interaction) => {
    const message = messageOf(world, interaction, call.params.message ?? '')
    return message ? { status: 200, body: message } : UNKNOWN_MESSAGE
  })
}

/** Editing `@original` after a deferral is what makes its message. */
function edit(world: DiscordWorld, call: OpenCall): RestAnswer {
  return withInteraction(world, call, (interaction) => {
    const method = 'PATCH /webhooks/:application/:token/messages/:message'
    const message = messageOf(world, interaction, call.params.message ?? '')
    if (!message && call.params.message === '@original') return say(world, interaction, call.body, method)
    return change(world, interaction, message, call.body)
  })
}

function remove(world: DiscordWorld, call: OpenCall): RestAnswer {
  return withInteraction(world, call, (interaction) => {
    const message = messageOf(world, interaction, call.params.message ?? '')
    if (!message || !interaction.channel) return UNKNOWN_MESSAGE
    const method = 'DELETE /webhooks/:application/:token/messages/:message'
    const way = { method, interaction: interaction.id }
    world.postings.deleteAsBot(interaction.bot, interaction.channel, message, way)
    if (message.id === interaction.original?.id) interaction.original = undefined
    return NO_CONTENT
  })
}

function say(
  world: DiscordWorld,
  interaction: Interaction,
  body: OpenCall['body'],
  method: string,
  answer?: RestAnswer,
): RestAnswer {
  const read = readMessageBody(body)
  if ('refused' in read) return read.refused
  const { bot, channel } = interaction
  if (!channel) return refuse(404, 10_003, 'Unknown Channel')
  const application_id = bot.applicationId
  const interaction_metadata = metadataOf(interaction)
  const said = { ...read.said, webhook_id: application_id, application_id, interaction_metadata }
  const message = world.postings.sayAsBot(bot, channel, said, {
    method,
    interaction: interaction.id,
    enforceNonce: false,
  })
  // Given by the first response only, which is what `@original` shows from then on.
  if (answer || !interaction.original) interaction.original = message
  return answer ?? { status: 200, body: message }
}

/** Source: docs.discord.com, Message Interaction Metadata. */
function metadataOf({ id, answered, original }: Interaction): object {
  return { id, ...(answered && original ? { original_response_message_id: original.id } : {}) }
}

function change(
  world: DiscordWorld,
  interaction: Interaction,
  message: DiscordMessage | undefined,
  body: OpenCall['body'],
  answer?: RestAnswer,
): RestAnswer {
  const { bot, channel } = interaction
  if (!message || !channel) return UNKNOWN_MESSAGE
  const read = readMessageBody(body, message)
  if ('refused' in read) return read.refused
  const edited = { ...message, ...read.said, edited_timestamp: world.postings.timestamp() }
  const method = 'PATCH /webhooks/:application/:token/messages/:message'
  world.postings.editAsBot(bot, channel, edited, { method, interaction: interaction.id })
  if (message.id === interaction.original?.id) interaction.original = edited
  return answer ?? { status: 200, body: edited }
}

function withInteraction(
  world: DiscordWorld,
  { params }: OpenCall,
  then: (interaction: Interaction) => RestAnswer,
): RestAnswer {
  const found = world.interactions.forFollowUp(params.application ?? '', params.token ?? '')
  if (found === 'unknown') return UNKNOWN_WEBHOOK
  return found === 'too-late' ? TOKEN_OVER : then(found)
}

/** The message as it stands now: people may have reacted to it meanwhile. */
function messageOf(
  world: DiscordWorld,
  { channel, original }: Interaction,
  id: string,
): DiscordMessage | undefined {
  const wanted = id === '@original' ? original?.id : id
  if (!channel || wanted === undefined) return undefined
  return world.messages.find(channel.id, wanted) ?? world.ephemerals.find(channel.id, wanted)
}
