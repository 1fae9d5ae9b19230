import { createWorker } from '@holdfast/worker'
import { openDiary } from './diary.ts'
import { tideTable } from './tides.ts'
import { voiceOf } from './voice.ts'

const voice = voiceOf(process.env.HOLDFAST_BOT_VERSION ?? 'v1')
const diary = openDiary(process.env.HOLDFAST_DEMO_DIARY)

/** Answers whatever people say and do on both platforms. `HOLDFAST_BOT_VERSION` is the release that answers. */
export const bot = createWorker({ subscription: 'tour', concurrency: 20 })

/** What the two buttons below the tide table lead to, by their `custom_id`. */
const PRESSED: Readonly<Record<string, { readonly label: string; readonly answer: string }>> = {
  wave: { label: 'Wave', answer: 'the kelp waves back 👋' },
  dive: { label: 'Dive', answer: 'down we go 🤿' },
}

bot.on('slack.message', async (event, ctx) => {
  const { text, bot_id, subtype, channel, ts } = event.data
  if (!text || bot_id || subtype) return
  await diary.around(`slack ${channel} ${ts}`, event.delivery, () => ctx.reply(voice.heard(text)))
})

bot.on('slack.reaction_added', async (event, ctx) => {
  const { reaction, item, event_ts } = event.data
  const key = `slack ${item.channel} ${event_ts}`
  await diary.around(key, event.delivery, () => ctx.reply(voice.heard(`:${reaction}:`)))
})

bot.on('discord.MESSAGE_CREATE', async (event, ctx) => {
  const { content, author, id } = event.data
  if (!content || author.bot) return
  await diary.around(`discord ${id}`, event.delivery, () => ctx.reply(voice.heard(content)))
})

bot.on('discord.MESSAGE_REACTION_ADD', async (event, ctx) => {
  const { emoji, user_id, message_id, member } = event.data
  if (member?.user.bot) return
  const key = `discord ${message_id} ${user_id} ${emoji.name}`
  await diary.around(key, event.delivery, () => ctx.reply(voice.heard(emoji.name ?? 'that')))
})

bot.on('discord.INTERACTION_CREATE', async (event, ctx) => {
  const { data, id } = event.data
  const key = `discord ${id}`
  if (data && 'name' in data && data.name === 'tide') {
    await diary.around(key, event.delivery, () =>
      ctx.reply({
        content: `${voice.heard('/tide')}\n${tideTable()}`,
        // https://docs.discord.com/developers/components/reference
        components: [
          {
            type: 1,
            components: [
              { type: 2, style: 1, label: 'Wave', custom_id: 'wave' },
              { type: 2, style: 2, label: 'Dive', custom_id: 'dive' },
            ],
          },
        ],
      }),
    )
  } else if (data && 'custom_id' in data) {
    const { label, answer } = PRESSED[data.custom_id] ?? { label: data.custom_id, answer: 'no such button' }
    await diary.around(key, event.delivery, () => ctx.reply({ content: `${voice.heard(label)}: ${answer}` }))
  }
})

bot.on('holdfast.gap', ({ data }) => diary.gap(data))
