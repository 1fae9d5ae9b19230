import { existsSync, readFileSync } from 'node:fs'

const RECORDED = new URL('../../../shared/corpus/', import.meta.url)
const FIXTURES = new URL('../../packages/events/fixtures/', import.meta.url)

const recorded = existsSync(RECORDED)
if (!recorded)
  console.warn(`no recorded payloads at ${RECORDED.pathname}: the fixtures of packages/events stand in`)

/** Recorded payloads of both platforms, one text each; where they are absent, the project's own. */
function linesOf(file: string): string[] {
  const text = readFileSync(new URL(file, recorded ? RECORDED : FIXTURES), 'utf8')
  return text.split('\n').filter((line) => line !== '')
}

/** One Slack RTM frame as it is sent. */
export interface SlackFrame {
  readonly type: string
  readonly text: string
}

/** One Discord dispatch as it is sent: its `t`, and the text of its `d`. */
export interface DiscordPayload {
  readonly t: string
  readonly d: string
}

/** Every RTM frame, with stamps of its own: where payloads share a dummy stamp they would be one fact. */
export function slackFrames(): SlackFrame[] {
  return linesOf('slack-rtm.jsonl').map((line, index) => {
    // Replies to what a bot sent are the only frames without a type.
    const { type = 'reply', ts, event_ts: eventTs } = JSON.parse(line)
    return { type, text: withFresh(line, [ts, eventTs], (n) => `1790000${100 + index}.00010${n}`) }
  })
}

/** Every dispatch, messages and interactions with ids of their own. */
export function discordPayloads(): DiscordPayload[] {
  return linesOf('discord-dispatch.jsonl').map((line, index) => {
    const [head, t = ''] = /^\{"t":"([A-Z_]+)","d":/.exec(line) ?? ['']
    const d = line.slice(head.length, -1)
    const identified = t === 'MESSAGE_CREATE' || t === 'INTERACTION_CREATE'
    return {
      t,
      d: identified ? withFresh(d, [JSON.parse(d).id], () => `14400000000000${10_000 + index}`) : d,
    }
  })
}

/** One Socket Mode envelope: its type, and the text of its payload. */
export interface SlackEnvelope {
  readonly type: string
  readonly payload: string
}

/** Every payload of the Events API, of interactions and of slash commands, and those of whole envelopes, with ids and stamps of their own. */
export function slackEnvelopes(): SlackEnvelope[] {
  const payloads = [
    ...linesOf('slack-events-api.jsonl').map((payload) => ({ type: 'events_api', payload })),
    ...linesOf('slack-interactive.jsonl').map((payload) => ({ type: 'interactive', payload })),
    ...linesOf('slack-slash-commands.jsonl').map((payload) => ({ type: 'slash_commands', payload })),
    ...wholeEnvelopes(),
  ]
  return payloads.map(({ type, payload }, index) => {
    const { event_id, trigger_id, action_ts, actions, event } = JSON.parse(payload)
    const stamps = [event_id, trigger_id, action_ts, actions?.[0]?.action_ts, event?.ts, event?.event_ts]
    return { type, payload: withFresh(payload, stamps, (n) => `1790000${100 + index}.00010${n}`) }
  })
}

/** Recorded frames that are envelopes; the project has none of its own. */
function wholeEnvelopes(): SlackEnvelope[] {
  if (!recorded) return []
  return linesOf('slack-socket-mode.jsonl').flatMap((line) => {
    const { type, payload } = JSON.parse(line)
    return payload === undefined ? [] : [{ type, payload: JSON.stringify(payload) }]
  })
}

/** The same text with each of `values`, wherever it stands as a string, replaced. */
function withFresh(text: string, values: readonly unknown[], fresh: (n: number) => string): string {
  const present = new Set(values.filter((value) => typeof value === 'string' && value !== ''))
  return [...present].reduce(
    (changed: string, value, n) => changed.replaceAll(`"${value}"`, `"${fresh(n)}"`),
    text,
  )
}
