import { refuseLater } from './try-again-error.js'

/**
 * Slack knows no idempotency key: should this process die between the post and the end of the job, the answer is posted twice.
 *
 * @param {import('./bot.js').Event} event
 * @param {import('./bot.js').Place} place
 */
export async function answerOnSlack({ type, data }, { apiUrl, token }) {
  if (type !== 'slack.message' || data.bot_id || data.subtype) return
  const response = await fetch(new URL('chat.postMessage', apiUrl), {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json; charset=utf-8' },
    body: JSON.stringify({ channel: data.channel, text: `you said ${data.text}` }),
  })
  refuseLater(response)
  /** @type {any} */
  const answer = await response.json()
  if (!answer.ok) throw new Error(`Slack refused the answer: ${answer.error}`)
}
