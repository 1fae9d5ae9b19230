export { type BackoffRule, backoffMs } from './backoff.ts'
export {
  CLOSE_KEEPING_SESSION,
  type CloseRule,
  closeRule,
  KNOWN_CLOSE_CODES,
} from './discord/close-codes.ts'
export { type DiscordFrame, readDiscordFrame } from './discord/frame.ts'
export { heartbeatText, type Identity, identifyText, resumeText } from './discord/payload.ts'
export { idleShard, stepShard } from './discord/shard.ts'
export type {
  DispatchDelivery,
  ResumableSession,
  Session,
  Shard,
  ShardEffect,
  ShardInput,
  ShardState,
  ShardTimer,
} from './discord/shard-state.ts'
export { FATAL_SLACK_ERRORS, type SlackErrorRule, slackErrorRule } from './slack/errors.ts'
export { idleRtm, stepRtm } from './slack/rtm.ts'
export { pingText, type RtmFrame, readRtmFrame } from './slack/rtm-frame.ts'
export type { RtmEffect, RtmInput, RtmState, RtmTimer } from './slack/rtm-state.ts'
export type { Report, SocketEffect, SocketInput } from './socket.ts'
export type { Machine, Step } from './step.ts'
export type {
  DiscordDispatch,
  DiscordGatewayBot,
  DiscordHello,
  DiscordInvalidSession,
  DiscordReady,
  DiscordReconnect,
  SlackRtmConnect,
  SlackRtmError,
  SlackRtmGoodbye,
  SlackRtmHello,
  SlackRtmPing,
  SlackRtmPong,
} from './wire.ts'
