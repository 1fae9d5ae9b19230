import { type Contact, Icon, ThemeToggle } from '@holdfast/ui'
import icon from '@holdfast/ui/icon.svg'
import { ExternalLink, Unplug } from 'lucide'
import type { StageLink } from '../src/page/stage.ts'

interface PageHeaderProps {
  readonly title: string
  /** Of the stage; absent where the platforms alone are simulated. */
  readonly links: readonly StageLink[] | undefined
  readonly contact: Contact
}

/** What one sees here, the pages beside it, and whether the page still hears its server. */
export function PageHeader({ title, links, contact }: PageHeaderProps) {
  return (
    <header class="page-header">
      <strong class="page-name" title={title}>
        <img src={icon} alt="" width="24" height="24" /> Holdfast
      </strong>
      <p class="page-line">
        {links
          ? 'A bot on a simulated Slack and Discord. Break things: the ledger must stay at zero.'
          : 'A simulated Slack and Discord. Connect a bot and talk to it.'}
      </p>
      <output class="page-contact">
        {contact === 'lost' ? (
          <>
            <Icon of={Unplug} /> Contact lost, trying again…
          </>
        ) : null}
      </output>
      <nav class="page-links" aria-label="Other pages">
        {links?.map(({ label, url }) => (
          <a key={url} href={url} target="_blank" rel="noreferrer">
            {label} <Icon of={ExternalLink} />
          </a>
        ))}
      </nav>
      <ThemeToggle />
    </header>
  )
}
