import type { Context, DiscordMessage, DiscordReply, EventOf } from '@holdfast/worker'
import type { Deploy } from './bot.ts'

const HOUR_MS = 3_600_000

type Interaction = EventOf<'discord.INTERACTION_CREATE'>

export async function approveOnDiscord(
  event: Interaction,
  ctx: Context<'discord'>,
  deploy: Deploy,
): Promise<void> {
  const what = whatOf(event)
  const asked = await ctx.reply(question(`<@${event.actor}> wants to deploy ${what}`))
  const press = await pressOfAnother(event, ctx, asked)
  const close = () => ctx.step('take the buttons away', () => takeButtonsAway(ctx, asked))
  if (!press) {
    await close()
    await ctx.reply(`nobody decided on ${what} within an hour`)
    return
  }
  const isApproved = customIdOf(press) === 'approve'
  await ctx.reply(`<@${press.actor}> ${isApproved ? 'approved' : 'rejected'} ${what}`, { to: press })
  await close()
  if (!isApproved) return
  const place = await ctx.step('deploy', () => deploy(what))
  await ctx.reply(`${what} is on ${place}`)
}

async function pressOfAnother(event: Interaction, ctx: Context<'discord'>, asked: DiscordReply) {
  for (let turn = 1; ; turn += 1) {
    const press = await ctx.waitFor(`press ${turn}`, 'discord.INTERACTION_CREATE', {
      where: { data: { message: { id: asked.id } } },
      timeoutMs: HOUR_MS,
    })
    if (!press || press.actor !== event.actor) return press
    await ctx.reply({ content: 'somebody else has to decide', flags: 64 }, { to: press })
  }
}

async function takeButtonsAway(ctx: Context<'discord'>, { channel_id, id }: DiscordReply): Promise<void> {
  await ctx.discord.patch(`/channels/${channel_id}/messages/${id}`, { body: { components: [] } })
}

function customIdOf(press: Interaction): string | undefined {
  const { data } = press.data
  return data && 'custom_id' in data ? data.custom_id : undefined
}

function whatOf({ data }: Interaction): string {
  const options = data.data && 'options' in data.data ? data.data.options : undefined
  const [first] = options ?? []
  return first && 'value' in first ? String(first.value) : 'main'
}

/** https://docs.discord.com/developers/components/reference */
function question(content: string): DiscordMessage {
  return {
    content,
    components: [
      {
        type: 1,
        components: [
          { type: 2, style: 3, custom_id: 'approve', label: 'Approve' },
          { type: 2, style: 4, custom_id: 'reject', label: 'Reject' },
        ],
      },
    ],
  }
}
