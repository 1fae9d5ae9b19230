import { env } from 'node:process'
import { startBot } from './bot.js'

const bot = startBot({
  redisUrl: env.REDIS_URL ?? 'redis://127.0.0.1:6379',
  subscription: env.SUBSCRIPTION ?? 'commands',
  slack: { apiUrl: env.SLACK_API_URL ?? 'https://slack.com/api/', token: env.SLACK_BOT_TOKEN ?? '' },
  discord: { apiUrl: env.DISCORD_API_URL ?? 'https://discord.com/api/v10', token: env.DISCORD_TOKEN ?? '' },
})

for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => void bot.stop())
