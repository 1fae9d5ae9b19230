import type { Context, EventOf, SlackMessage } from '@holdfast/worker'
import type { Deploy } from './bot.ts'

const HOUR_MS = 3_600_000

type Command = EventOf<'slack.slash_commands'>

export async function approveOnSlack(event: Command, ctx: Context<'slack'>, deploy: Deploy): Promise<void> {
  const { text: what, user_id: asker } = event.data
  await ctx.reply(question(event.id, `<@${asker}> wants to deploy ${what}`))
  const press = await pressOfAnother(event, ctx)
  if (!press) {
    await ctx.reply(`nobody decided on ${what} within an hour`)
    return
  }
  const isApproved = press.data.actions[0]?.action_id === 'approve'
  const verdict = `<@${press.data.user.id}> ${isApproved ? 'approved' : 'rejected'} ${what}`
  await ctx.reply({ text: verdict, replace_original: true }, { to: press })
  if (!isApproved) return
  const place = await ctx.step('deploy', () => deploy(what))
  await ctx.reply(`${what} is on ${place}`)
}

async function pressOfAnother(event: Command, ctx: Context<'slack'>) {
  for (let turn = 1; ; turn += 1) {
    const press = await ctx.waitFor(`press ${turn}`, 'slack.interactive.block_actions', {
      where: { data: { actions: [{ block_id: event.id }] } },
      timeoutMs: HOUR_MS,
    })
    if (!press || press.actor !== event.actor) return press
    await ctx.reply({ text: 'somebody else has to decide', ephemeral: true }, { to: press })
  }
}

/** https://docs.slack.dev/reference/block-kit */
function question(id: string, text: string): SlackMessage {
  const button = (action: string, style: 'primary' | 'danger', label: string) =>
    ({ type: 'button', action_id: action, style, text: { type: 'plain_text', text: label } }) as const
  return {
    text,
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text } },
      {
        type: 'actions',
        block_id: id,
        elements: [button('approve', 'primary', 'Approve'), button('reject', 'danger', 'Reject')],
      },
    ],
  }
}
