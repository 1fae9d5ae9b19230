import './page.css'
import { useContext, useMemo, useState } from 'preact/hooks'
import type { Platform } from '../src/facts.ts'
import { Pane } from './chat/pane.tsx'
import { PaneTabs } from './chat/pane-tabs.tsx'
import { FaultsPanel } from './faults/faults-panel.tsx'
import { PageHeader } from './page-header.tsx'
import { PageContext } from './page-store.ts'
import { ControlStrip } from './stage/control-strip.tsx'
import { Instruments } from './stage/instruments.tsx'
import { allMarks } from './state/faults-view.ts'

const NO_MARKS = [] as const

/** The whole page: what can be broken above, the platforms between, what became of it below. */
export function Page() {
  const store = useContext(PageContext)
  const [shown, show] = useState<Platform>('slack')
  const [showsFaults, showFaults] = useState(false)
  const page = store?.page.value
  const [ofStage, ofFaults] = [page?.stage?.marks ?? NO_MARKS, page?.faults.marks ?? NO_MARKS]
  const marks = useMemo(() => allMarks(ofStage, ofFaults), [ofStage, ofFaults])
  if (!store) return null
  const contact = store.contact.value
  if (!page)
    return (
      <p class="page-waiting">{contact === 'lost' ? 'The simulator does not answer yet.' : 'Connecting…'}</p>
    )
  return (
    <div class="page">
      <PageHeader title={page.title} links={page.stage?.links} contact={contact} />
      <ControlStrip
        stream={page.stream}
        stage={page.stage}
        showsFaults={showsFaults}
        showFaults={showFaults}
      />
      <main class="panes" data-shown={shown} data-faults={showsFaults}>
        <h1 class="unseen">{page.title}</h1>
        <PaneTabs panes={page.panes} shown={shown} show={show} />
        {page.panes.map((pane) => (
          <Pane
            key={pane.platform}
            pane={pane}
            marks={marks}
            isLost={contact === 'lost'}
            isStaged={page.stage !== undefined}
          />
        ))}
        {showsFaults ? (
          <FaultsPanel faults={page.faults} bots={page.bots} first={shown} close={() => showFaults(false)} />
        ) : null}
      </main>
      {page.stage ? <Instruments stage={page.stage} marks={marks} /> : null}
    </div>
  )
}
