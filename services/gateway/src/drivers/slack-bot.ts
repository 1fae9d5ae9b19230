import { asObject, type JsonObject } from '@holdfast/protocol'
import { callSlack, isPassing, type SlackAnswer, type SlackApi } from './slack-api.ts'

/** Who the bot is: the part of every event's identity that tells two bots in one channel apart. */
export interface SlackBot {
  readonly teamId: string
  readonly botUserId: string
  /** Absent where Slack will not tell (the token lacks `users:read`): then the bot's user stands for the app. */
  readonly appId?: string
}

const NAMES_NO_BOT = { ok: false, error: 'no_json', reason: 'auth.test names no bot' } as const

/** What asking came to. */
export type SlackBotAnswer =
  | { readonly kind: 'bot'; readonly bot: SlackBot }
  /** Not known yet; nothing may be published under a guess, for a later answer would give every event a second identity. */
  | { readonly kind: 'failed'; readonly answer: Extract<SlackAnswer, { ok: false }> }

/** As `SlackBotAnswer`, of the workspace. */
export type SlackTeamAnswer =
  | { readonly kind: 'team'; readonly teamId: string }
  | { readonly kind: 'failed'; readonly answer: Extract<SlackAnswer, { ok: false }> }

/**
 * Asks who the token's bot is: auth.test, and bots.info for its app. `known` is what an earlier run learned of the same
 * bot; its app id is kept.
 */
export async function learnSlackBot(
  api: SlackApi,
  known: SlackBot | undefined,
  signal: AbortSignal,
): Promise<SlackBotAnswer> {
  const answer = await callSlack(api, 'auth.test', {}, signal)
  if (!answer.ok) return { kind: 'failed', answer }
  const bot = readBot(answer.body)
  if (!bot) return { kind: 'failed', answer: NAMES_NO_BOT }
  if (known?.appId !== undefined && isSameBot(known, bot))
    return { kind: 'bot', bot: { ...bot, appId: known.appId } }
  const { bot_id: botId } = answer.body
  return typeof botId === 'string' ? learnApp(api, bot, botId, signal) : { kind: 'bot', bot }
}

/** Asks for the workspace alone, where the socket itself will name the app. */
export async function learnSlackTeam(api: SlackApi, signal: AbortSignal): Promise<SlackTeamAnswer> {
  const answer = await callSlack(api, 'auth.test', {}, signal)
  if (!answer.ok) return { kind: 'failed', answer: { reason: 'auth.test', ...answer, token: 'bot' } }
  const bot = readBot(answer.body)
  return bot ? { kind: 'team', teamId: bot.teamId } : { kind: 'failed', answer: NAMES_NO_BOT }
}

/** What stands for it in the identity of every event. */
export function nameOf({ appId, botUserId }: SlackBot): string {
  return appId ?? botUserId
}

/** Whether both are the same bot of the same workspace. */
export function isSameBot(one: SlackBot, other: SlackBot): boolean {
  return one.teamId === other.teamId && one.botUserId === other.botUserId
}

function readBot({ team_id: teamId, user_id: botUserId }: JsonObject): SlackBot | undefined {
  return typeof teamId === 'string' && typeof botUserId === 'string' ? { teamId, botUserId } : undefined
}

async function learnApp(
  api: SlackApi,
  bot: SlackBot,
  botId: string,
  signal: AbortSignal,
): Promise<SlackBotAnswer> {
  const answer = await callSlack(api, 'bots.info', { bot: botId }, signal)
  if (!answer.ok) return isPassing(answer.error) ? { kind: 'failed', answer } : { kind: 'bot', bot }
  const { app_id: appId } = asObject(answer.body.bot) ?? {}
  return { kind: 'bot', bot: typeof appId === 'string' && appId !== '' ? { ...bot, appId } : bot }
}
