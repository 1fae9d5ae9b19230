/*
 * Code of docs/workers.md that no example has. It is compiled, and never run.
 */
import {
  type Context,
  DiscardError,
  type EventOf,
  NonRetryableError,
  RetryAtError,
  type Worker,
} from '@holdfast/worker'

/** “Sleep”. */
export async function remind(ctx: Context): Promise<void> {
  await ctx.reply('I shall remind you')
  await ctx.sleep('until then', 24 * 3_600_000)
  await ctx.reply('it is time')
}

/** “Waiting for an event”. */
export async function pizza(event: EventOf<'slack.message'>, ctx: Context<'slack'>): Promise<void> {
  const { actor } = event
  if (actor === undefined) return
  await ctx.reply('what size?')
  const size = await ctx.waitFor('size', 'slack.message', { where: { actor } })
  await ctx.reply('with what on it?')
  const topping = await ctx.waitFor('topping', 'slack.message', { where: { actor } })
  if (!size || !topping) return
  await ctx.reply(`a ${size.data.text} pizza with ${topping.data.text}`)
}

/** “Order”. */
export function countReactions(
  bot: Worker,
  count: (event: EventOf<'slack.reaction_added'>) => Promise<void>,
): void {
  bot.on('slack.reaction_added', count, { order: 'none' })
}

/** “Errors”. */
export function ship(
  id: string,
  order: { readonly isPaid: boolean; readonly isPacked: boolean } | undefined,
): void {
  if (order === undefined) throw new NonRetryableError(`there is no order ${id}`)
  if (order.isPaid) throw new DiscardError('paid meanwhile')
  if (!order.isPacked) throw new RetryAtError('not packed yet', { afterMs: 5 * 60_000 })
}
