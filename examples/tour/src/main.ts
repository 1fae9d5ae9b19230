import { bot } from './bot.ts'

const running = bot.run()
// For a process manager that waits until a new release is at work before it stops the old one.
bot.start().then(
  () => process.send?.('ready'),
  () => {
    // `run` tells why.
  },
)
await running
