export { inConfiguration } from './advice.ts'
export { type CheckedCommand, checkCommand, type ShardCommand } from './discord/command.ts'
export {
  HEARING_LENGTH,
  HEARING_TICK_MS,
  type Hearing,
  isDeaf,
  silentTickCount,
} from './discord/deafness.ts'
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
export { asObject, type JsonObject, parseObject } from './json.ts'
export type { SlackFrame } from './slack/frame.ts'
export { idleLink, linkMachine } from './slack/link.ts'
export type {
  LinkEffect,
  LinkInput,
  LinkState,
  LinkTimer,
  LinkTransport,
} from './slack/link-state.ts'
export { pingText, readRtmFrame } from './slack/rtm-frame.ts'
export { readSocketModeFrame } from './slack/socket-mode-frame.ts'
export type { Report, SocketEffect, SocketInput } from './socket.ts'
export type { Machine, Step } from './step.ts'
