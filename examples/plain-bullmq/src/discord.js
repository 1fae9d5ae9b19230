import { createHash } from 'node:crypto'
import { refuseLater } from './try-again-error.js'

/**
 * Discord drops a second post with the same nonce for some minutes, and an interaction takes one answer: a job that runs again answers
 * once.
 *
 * @param {import('./bot.js').Event} event
 * @param {import('./bot.js').Place} place
 */
export async function answerOnDiscord({ id, type, data }, { apiUrl, token }) {
  if (type === 'discord.INTERACTION_CREATE') return await answerInteraction(data, apiUrl)
  if (type !== 'discord.MESSAGE_CREATE' || data.author.bot) return
  const response = await fetch(`${apiUrl}/channels/${data.channel_id}/messages`, {
    method: 'POST',
    headers: { authorization: `Bot ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ content: `you said ${data.content}`, nonce: nonceOf(id), enforce_nonce: true }),
  })
  refuseLater(response)
  if (!response.ok) throw new Error(`Discord refused the answer with ${response.status}`)
}

/**
 * @param {{ id: string, token: string, data?: { name?: string } }} interaction
 * @param {string} apiUrl
 */
async function answerInteraction({ id, token, data }, apiUrl) {
  const response = await fetch(`${apiUrl}/interactions/${id}/${token}/callback`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ type: 4, data: { content: `you called ${data?.name}` } }),
  })
  refuseLater(response)
  // 40060: it was answered before, by an earlier run of this job.
  /** @type {any} */
  const refusal = response.ok ? undefined : await response.json()
  if (refusal && refusal.code !== 40060) throw new Error(`Discord refused the answer with ${response.status}`)
}

/**
 * The same for the same event, in whichever run of its job; Discord takes 25 characters.
 *
 * @param {string} id
 */
const nonceOf = (id) => createHash('sha256').update(id).digest('base64url').slice(0, 25)
