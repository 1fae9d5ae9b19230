export type { Checkpoint } from './checkpoint.ts'
export type { Context } from './context.ts'
export { createWorker } from './create-worker.ts'
export {
  type DeadLetter,
  type DeadLetterChoice,
  type DeadLetterFilter,
  type DeadLetterInFull,
  type DeadLetterOptions,
  type DeadLetterPage,
  openDeadLetters,
  type SubscriptionDeadLetters,
} from './dead-letters.ts'
export { isDiscordCommand, isDiscordModal, isDiscordPress } from './discord-interaction-kind.ts'
export {
  DiscardError,
  JobAbortedError,
  NonRetryableError,
  PlatformWaitError,
  RetryAtError,
  type RetryTime,
  WorkerError,
  type WorkerErrorCode,
} from './errors.ts'
export type {
  EventData,
  EventOf,
  EventPattern,
  EventType,
  SlackSlashCommand,
  TypedEvent,
} from './event-data.ts'
export type { HandlerLog } from './handler-log.ts'
export type { HandlerOptions } from './handlers.ts'
export type { HttpOption } from './http-option.ts'
export type { WorkerLog } from './log.ts'
export type { WorkerOptions } from './options.ts'
export type { Backoff } from './outcome.ts'
export { discordChannel, type Place, slackChannel } from './places.ts'
export type { PlatformAccess, PlatformOptions, PlatformsOptions } from './platforms.ts'
export type { RedisOption } from './redis-option.ts'
export type {
  DiscordMessage,
  DiscordReply,
  ReplyMessage,
  ReplyOptions,
  ReplyResult,
  SlackMessage,
  SlackReply,
} from './reply-message.ts'
export type {
  SlackAction,
  SlackBlockActions,
  SlackBlockSuggestion,
  SlackInputState,
  SlackMessageAction,
  SlackMessageSource,
  SlackModal,
  SlackOption,
  SlackShortcut,
  SlackStateValues,
  SlackView,
  SlackViewClosed,
  SlackViewSubmission,
} from './slack-interaction-data.ts'
export type { WaitOptions } from './wait.ts'
export type { Where } from './where.ts'
export type { Handler, Worker } from './worker.ts'
