import type { PagePlatform } from '../../src/page/feed.ts'
import { type Outcome, type Place, say, useCommand } from '../control.ts'

/** Sends what was typed: a known slash command is used, anything else is said. */
export function sendFrom(about: PagePlatform, place: Place, text: string): Promise<Outcome> {
  const command = /^\/(\S+)\s*$/.exec(text)?.[1]
  const isKnown = about.commands.some(({ name }) => name === command)
  return command !== undefined && isKnown ? useCommand(about, place, command) : say(about, place, text)
}
