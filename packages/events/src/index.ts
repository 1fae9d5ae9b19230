export { type Decoded, decodeEvent, encodeEvent } from './codec.ts'
export { type DiscordDispatch, readDiscordDispatch } from './discord-dispatch.ts'
export {
  type Delivery,
  EVENT_VERSION,
  type EventAttributes,
  type EventPlatform,
  type HoldfastEvent,
  type OutgoingEvent,
  type Platform,
} from './event.ts'
export { type Gap, type GapContent, type GapData, type GapReason, gapEvent } from './gap.ts'
export { readDiscordHistoryMessage, readSlackHistoryMessage } from './history.ts'
export { elementTexts, memberText } from './member.ts'
export type {
  DiscordHistoryOrigin,
  DiscordOrigin,
  Origin,
  Reading,
  SlackEnvelopeOrigin,
  SlackHistoryOrigin,
  SlackRtmOrigin,
} from './origin.ts'
export {
  matchesPattern,
  moreSpecificFirst,
  type ParsedPattern,
  type Pattern,
  parsePattern,
} from './pattern.ts'
export { formatReplyTo, parseReplyTo, type ReplyTo } from './reply-to.ts'
export { compileRouter, type RoutedSubscription, type Router } from './router.ts'
export { readSlackEventCallback } from './slack-callback.ts'
export { readSlackEnvelope } from './slack-envelope.ts'
export { readSlackInteractive, readSlackSlashCommand } from './slack-interaction.ts'
export { readSlackRtmFrame } from './slack-rtm.ts'
