import type { FakeDiscord } from '../discord/fake-discord.ts'
import type { FakeSlack } from '../slack/fake-slack.ts'
import type { StreamVoice } from './message-stream.ts'

/** A voice for every channel of both platforms, in turns where there are as many of each. */
export function streamVoices(slack: FakeSlack, discord: FakeDiscord): StreamVoice[] {
  const [onSlack, onDiscord] = [slackVoices(slack), discordVoices(discord)]
  const longest = Math.max(onSlack.length, onDiscord.length)
  return Array.from({ length: longest }, (_, n) => [onSlack[n], onDiscord[n]])
    .flat()
    .filter((voice) => voice !== undefined)
}

/** A voice for every channel of the fake Slack. */
export function slackVoices(slack: FakeSlack): StreamVoice[] {
  return slack.directory.channels.map(({ id: channel, teamId }): StreamVoice => {
    const people = others(slack.directory.users.filter((user) => user.teamId === teamId))
    return (round, text) => void slack.say({ channel, user: at(people, round), text })
  })
}

/** A voice for every channel of the fake Discord. */
export function discordVoices(discord: FakeDiscord): StreamVoice[] {
  const people = others(discord.directory.users)
  return discord.directory.channels.map(
    ({ id: channel }): StreamVoice =>
      (round, text) =>
        void discord.say({ channel, user: at(people, round), text }),
  )
}

/** The first person is the one that the page speaks as: the stream leaves it out where there are others. */
function others(people: readonly { readonly id: string }[]): string[] {
  const ids = people.map(({ id }) => id)
  return ids.length > 1 ? ids.slice(1) : ids
}

function at(people: readonly string[], round: number): string {
  return people[round % people.length] ?? 'nobody'
}
