import { createApprover } from './bot.ts'

await createApprover(async (what) => `https://${what}.example.com`).run()
