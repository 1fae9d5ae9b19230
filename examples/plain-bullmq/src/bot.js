import { DelayedError, Worker } from 'bullmq'
import { answerOnDiscord } from './discord.js'
import { answerOnSlack } from './slack.js'
import { TryAgainError } from './try-again-error.js'

const TRIES = 5

/**
 * @typedef {{ apiUrl: string, token: string }} Place
 * @typedef {{ id: string, type: string, platform: string, data: any }} Event See docs/other-languages.md for the rest.
 */

/**
 * Answers what is said on Slack and Discord.
 *
 * @param {{ redisUrl: string, prefix?: string, subscription: string, slack: Place, discord: Place }} options
 */
export function startBot({ redisUrl, prefix = '{holdfast}', subscription, slack, discord }) {
  const options = {
    connection: { url: redisUrl },
    prefix,
    removeOnComplete: { count: 0 },
    removeOnFail: { count: 10_000 },
  }
  // One at a time: more would handle two events of one conversation at once, and out of order.
  const ordered = new Worker(subscription, handle, { ...options, concurrency: 1 })
  const interactive = new Worker(`${subscription}.interactive`, handle, { ...options, concurrency: 10 })
  for (const worker of [ordered, interactive]) worker.on('error', (error) => console.error(error.message))

  /**
   * The gateway sets no attempts, so BullMQ tries once: what is to be tried again is put off here.
   *
   * @param {import('bullmq').Job<Event>} job
   * @param {string} [token]
   */
  async function handle(job, token) {
    try {
      await answer(job.data)
    } catch (error) {
      if (!(error instanceof TryAgainError) || job.attemptsStarted >= TRIES) throw error
      await job.moveToDelayed(Date.now() + error.afterMs, token)
      throw new DelayedError()
    }
  }

  /** @param {Event} event */
  async function answer(event) {
    if (event.platform === 'slack') await answerOnSlack(event, slack)
    if (event.platform === 'discord') await answerOnDiscord(event, discord)
  }

  return {
    /** Resolves when both take jobs. */
    ready: () => Promise.all([ordered.waitUntilReady(), interactive.waitUntilReady()]),
    /** Ends what is begun, and takes no more. */
    stop: () => Promise.all([ordered.close(), interactive.close()]),
  }
}
