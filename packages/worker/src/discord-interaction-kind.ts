import type {
  APIApplicationCommandInteraction,
  APIMessageComponentInteraction,
  APIModalSubmitInteraction,
} from 'discord-api-types/v10'
import type { TypedEvent } from './event-data.ts'

type Interaction = TypedEvent<'discord.INTERACTION_CREATE'>

type InteractionWith<Data> = Omit<Interaction, 'data'> & { readonly data: Data }

/*
 * Discord sends every interaction as one type of event. These tell which it is, to TypeScript too, without its numbers.
 * https://docs.discord.com/developers/interactions/receiving-and-responding#interaction-object-interaction-type
 */

/** Whether somebody used a command: this one, where it is named. */
export function isDiscordCommand<Event extends Interaction>(
  event: Event,
  name?: string,
): event is Event & InteractionWith<APIApplicationCommandInteraction> {
  return event.data.type === 2 && (name === undefined || event.data.data.name === name)
}

/** Whether somebody pressed a button or chose from a menu: the one of this `custom_id`, where it is named. */
export function isDiscordPress<Event extends Interaction>(
  event: Event,
  customId?: string,
): event is Event & InteractionWith<APIMessageComponentInteraction> {
  return event.data.type === 3 && (customId === undefined || event.data.data.custom_id === customId)
}

/** Whether somebody sent a modal: the one of this `custom_id`, where it is named. */
export function isDiscordModal<Event extends Interaction>(
  event: Event,
  customId?: string,
): event is Event & InteractionWith<APIModalSubmitInteraction> {
  return event.data.type === 5 && (customId === undefined || event.data.data.custom_id === customId)
}
