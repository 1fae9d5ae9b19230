import { describe } from 'vitest'
import { describeConversation } from './discord/conversation.ts'
import { discordjsWs } from './discord/discordjs-ws.ts'
import { describeNewSessions } from './discord/new-sessions.ts'
import { describeObstacles } from './discord/obstacles.ts'
import { describeResumes } from './discord/resumes.ts'

describe.concurrent(discordjsWs.name, () => {
  describeConversation(discordjsWs)
  describeResumes(discordjsWs)
  describeNewSessions(discordjsWs)
  describeObstacles(discordjsWs)
})
