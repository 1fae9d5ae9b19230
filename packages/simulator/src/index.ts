export { type Absence, absences } from './absence.ts'
export type { ConnectTarget } from './armed-faults.ts'
export { type Clock, systemClock, type Timer } from './clock.ts'
export type { DiscordBotState } from './discord/bot-state.ts'
export type { DiscordDeed, DiscordReact, DiscordSay, DiscordThreadStart } from './discord/deeds.ts'
export {
  type DiscordBot,
  type DiscordCommand,
  type DiscordGuild,
  type DiscordPopulation,
  type DiscordPopulationSize,
  type DiscordUser,
  makeDiscordPopulation,
} from './discord/directory.ts'
export type { FakeDiscord } from './discord/fake-discord.ts'
export type { RawDispatch } from './discord/raw-dispatch.ts'
export { SimulatorError } from './errors.ts'
export type {
  DeliveredTo,
  Entry,
  EnvelopeFact,
  EventFact,
  Fact,
  FaultFact,
  FaultHit,
  IdentifyFact,
  InteractionFact,
  LostAnswerFact,
  Platform,
  PostFact,
  PresenceFact,
  PresenceUpdateFact,
  RefusalFact,
  ResumeFact,
  ScriptFact,
  SessionEndFact,
  SocketFact,
  TicketFact,
} from './facts.ts'
export type { FaultRequest } from './fault.ts'
export { listFaults } from './faults.ts'
export {
  DEMO_LIMITS,
  type DiscordLimits,
  type Limits,
  type SlackLimits,
  STRICT_LIMITS,
} from './limits.ts'
export type { FaultParameter, ListedFault } from './listed-fault.ts'
export type { PageOptions } from './page/chat-page.ts'
export { EMPTY_LEDGER } from './page/empty-ledger.ts'
export type {
  Ledger,
  Stage,
  StageAction,
  StageLink,
  StageMark,
  StageNews,
  StagePart,
  StageSample,
  StageState,
} from './page/stage.ts'
export type { RecordFilter, RecordOptions, RecordPage, SimulatorRecord } from './record.ts'
export { readScript } from './script/read-script.ts'
export type { Script, ScriptDeed, ScriptStep } from './script/script.ts'
export { readScriptFile } from './script/script-file.ts'
export {
  createSimulator,
  type Simulator,
  type SimulatorAddresses,
  type SimulatorOptions,
} from './simulator.ts'
export type { SlackBotState } from './slack/bot-state.ts'
export {
  makeSlackWorkspace,
  type SlackBot,
  type SlackUser,
  type SlackWorkspace,
  type SlackWorkspaceSize,
} from './slack/directory.ts'
export type {
  FakeSlack,
  SlackCommandUse,
  SlackPressOn,
  SlackSay,
} from './slack/fake-slack.ts'
export type { Interacted, SlackSubmission } from './slack/interactions.ts'
