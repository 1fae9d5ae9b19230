import './page.css'
import { useContext, useState } from 'preact/hooks'
import type { Platform } from '../src/facts.ts'
import { Pane } from './chat/pane.tsx'
import { PaneTabs } from './chat/pane-tabs.tsx'
import { PageHeader } from './page-header.tsx'
import { PageContext } from './page-store.ts'
import { ControlStrip } from './stage/control-strip.tsx'
import { Instruments } from './stage/instruments.tsx'

const NO_MARKS = [] as const

/** The whole page: what can be broken above, the platforms between, what became of it below. */
export function Page() {
  const store = useContext(PageContext)
  const [shown, show] = useState<Platform>('slack')
  if (!store) return null
  const page = store.page.value
  const contact = store.contact.value
  if (!page)
    return (
      <p class="page-waiting">{contact === 'lost' ? 'The simulator does not answer yet.' : 'Connecting…'}</p>
    )
  return (
    <div class="page">
      <PageHeader title={page.title} links={page.stage?.links} contact={contact} />
      <ControlStrip stream={page.stream} stage={page.stage} />
      <main class="panes" data-shown={shown}>
        <h1 class="unseen">{page.title}</h1>
        <PaneTabs panes={page.panes} shown={shown} show={show} />
        {page.panes.map((pane) => (
          <Pane
            key={pane.platform}
            pane={pane}
            marks={page.stage?.marks ?? NO_MARKS}
            isLost={contact === 'lost'}
            isStaged={page.stage !== undefined}
          />
        ))}
      </main>
      {page.stage ? <Instruments stage={page.stage} /> : null}
    </div>
  )
}
