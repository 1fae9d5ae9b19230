import { createReporter } from './bot.ts'
import { harbourLedger } from './ledger.ts'

await createReporter(harbourLedger(Number(process.env.REPORT_PAGE_MS ?? 5_000))).run()
