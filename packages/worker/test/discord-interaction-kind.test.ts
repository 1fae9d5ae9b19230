import { expect, test } from 'vitest'
import { isDiscordCommand, isDiscordModal, isDiscordPress } from '../src/index.ts'
import { discordInteraction } from './sample-events.ts'

const kinds = (data: object) => {
  const event = discordInteraction(data) as never
  return [
    isDiscordCommand(event),
    isDiscordCommand(event, 'deploy'),
    isDiscordPress(event),
    isDiscordPress(event, 'yes'),
    isDiscordModal(event),
    isDiscordModal(event, 'form'),
  ]
}

test.each([
  ['a command', { type: 2, data: { name: 'deploy' } }, [true, true, false, false, false, false]],
  ['another command', { type: 2, data: { name: 'tide' } }, [true, false, false, false, false, false]],
  ['a press', { type: 3, data: { custom_id: 'yes' } }, [false, false, true, true, false, false]],
  ['another press', { type: 3, data: { custom_id: 'no' } }, [false, false, true, false, false, false]],
  ['a modal', { type: 5, data: { custom_id: 'form' } }, [false, false, false, false, true, true]],
  ['an autocomplete', { type: 4, data: { name: 'deploy' } }, [false, false, false, false, false, false]],
])('%s is known for what it is', (_, data, expected) => {
  expect(kinds(data)).toEqual(expected)
})
