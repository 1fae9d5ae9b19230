import { describe } from 'vitest'
import { describeConversation } from './discord/conversation.ts'
import { discordJs } from './discord/discord-js.ts'
import { describeNewSessions } from './discord/new-sessions.ts'
import { describeObstacles } from './discord/obstacles.ts'
import { describeResumes } from './discord/resumes.ts'

describe.concurrent(discordJs.name, () => {
  describeConversation(discordJs)
  describeResumes(discordJs)
  describeNewSessions(discordJs)
  describeObstacles(discordJs)
})
