export type { BeginLine, DiaryLine, EndLine, GapLine, StepLine } from './diary.ts'
export { Diary, DiaryReader } from './diary.ts'
export type { Unheard } from './entry.ts'
export { type Evidence, judge, type Verdict } from './judge.ts'
export { type Counts, Ledger } from './ledger.ts'
export {
  type Answer,
  answerOf,
  type BotIdentities,
  type BotIdentity,
  isCutOff,
  onceOn,
  quoteIn,
  sentEvent,
  turnOf,
} from './platform-record.ts'
export { type Backlog, Quiet } from './quiet.ts'
export { nameOf, type SentEvent, type SessionTurn } from './sent-event.ts'
