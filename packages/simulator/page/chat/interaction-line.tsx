import { useContext } from 'preact/hooks'
import type { ChatInteraction } from '../../src/page/feed.ts'
import { memo } from '../memo.ts'
import { PaneContext } from './pane-context.ts'

/** A command that is not answered yet, or never will be. */
export const InteractionLine = memo(({ interaction }: { readonly interaction: ChatInteraction }) => {
  const desk = useContext(PaneContext)
  const { user, what, state } = interaction
  return (
    <div class="interaction" data-state={state}>
      <p class="interaction-used">
        <strong>{desk?.nameOf(user) ?? user}</strong> used <code>{what}</code>
      </p>
      <p class="interaction-state">
        {state === 'failed' ? 'This interaction failed' : `${desk?.about.bot.name ?? 'The bot'} is thinking…`}
      </p>
    </div>
  )
})
