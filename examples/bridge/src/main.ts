import { createBridge } from './bot.ts'

const { BRIDGE_SLACK_CHANNEL, BRIDGE_DISCORD_CHANNEL } = process.env
if (!BRIDGE_SLACK_CHANNEL || !BRIDGE_DISCORD_CHANNEL) {
  throw new Error('set BRIDGE_SLACK_CHANNEL and BRIDGE_DISCORD_CHANNEL to the ids of the two channels')
}

await createBridge({ slack: BRIDGE_SLACK_CHANNEL, discord: BRIDGE_DISCORD_CHANNEL }).run()
