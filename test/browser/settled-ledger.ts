import { expect, vi } from 'vitest'
import type { ChatPage } from '../../scripts/browser/chat-page.mjs'

const PATIENCE = { timeout: 90_000, interval: 200 }

/** Resolves with a ledger of so many messages at least, in which nothing waits and nothing is missing. */
export function settledLedger(chat: ChatPage, leastSent: number): Promise<Record<string, number>> {
  return vi.waitFor(async () => {
    const ledger = await chat.ledger()
    const { sent = 0, handled = 0, notRecoverable = 0, announcedGaps = 0 } = ledger
    expect(ledger).toMatchObject({ lost: 0, repeated: 0, reordered: 0, waiting: 0, answered: handled })
    expect(sent).toBeGreaterThanOrEqual(leastSent)
    expect(handled + notRecoverable).toBe(sent)
    expect(announcedGaps).toBeGreaterThanOrEqual(notRecoverable > 0 ? 1 : 0)
    return ledger
  }, PATIENCE)
}
