import { describe } from 'vitest'
import { describeConversation } from './discord/conversation.ts'
import { describeNewSessions } from './discord/new-sessions.ts'
import { describeObstacles } from './discord/obstacles.ts'
import { oceanic } from './discord/oceanic.ts'
import { describeResumes } from './discord/resumes.ts'

describe.concurrent(oceanic.name, () => {
  describeConversation(oceanic)
  describeResumes(oceanic)
  describeNewSessions(oceanic)
  describeObstacles(oceanic)
})
