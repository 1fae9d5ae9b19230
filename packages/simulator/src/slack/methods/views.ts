import { refuse, type SlackMethod } from '../method.ts'

/** https://docs.slack.dev/reference/methods/views.open */
export const viewsOpen: SlackMethod = ({ triggers, views }, { bot, args }) => {
  const view = args.json('view')
  if (view === undefined || view === 'invalid' || Array.isArray(view)) return refuse('invalid_arguments')
  const refusal = triggers.exchange(bot, args.text('trigger_id') ?? '')
  if (refusal) return refuse(refusal)
  const { shown } = views.open(bot, { ...view })
  return { ok: true, view: { ...shown, state: { values: {} } } }
}
