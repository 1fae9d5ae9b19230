import { formatCount } from '@holdfast/ui'
import type { ConsoleHello } from '../src/feed.ts'
import { AwayBanner } from './away-banner.tsx'
import type { Fleet } from './fleet.ts'
import { GatewayList } from './gateway-list.tsx'
import { Header } from './header.tsx'
import { NoteList } from './note-list.tsx'
import { SpanChoice } from './span-choice.tsx'
import { SubscriptionCard } from './subscription-card.tsx'
import { UnitTable } from './unit-table.tsx'
import { WorkerTable } from './worker-table.tsx'

/** The whole page. */
export function ConsolePage({ fleet: { known, contact } }: { readonly fleet: Fleet }) {
  const hello = known.value
  return (
    <>
      <Header known={hello} contact={contact.value} />
      <AwayBanner known={hello} contact={contact.value} />
      {hello ? <Sections known={hello} /> : <p class="hollow">Waiting for the console …</p>}
    </>
  )
}

function Sections({ known: { picture, history, version, reads } }: { readonly known: ConsoleHello }) {
  const { subscriptions, workers, gateways, units, unwatchedCount, takenAt } = picture
  return (
    <main>
      <NoteList notes={picture.summary.notes} />
      <section aria-labelledby="subscriptions">
        <div class="section-head">
          <h2 id="subscriptions">Subscriptions</h2>
          {subscriptions.length > 0 ? <SpanChoice /> : null}
        </div>
        {subscriptions.length === 0 ? <NoSubscription /> : null}
        <div class="cards">
          {subscriptions.map((subscription) => (
            <SubscriptionCard
              key={subscription.name}
              subscription={subscription}
              samples={history[subscription.name] ?? []}
              takenAt={takenAt}
            />
          ))}
        </div>
        {unwatchedCount > 0 ? (
          <p class="hollow">{formatCount(unwatchedCount)} more subscriptions are not watched.</p>
        ) : null}
      </section>
      <section aria-labelledby="units">
        <div class="section-head">
          <h2 id="units">Connections</h2>
          <GatewayList gateways={gateways} takenAt={takenAt} />
        </div>
        <UnitTable units={units} gateways={gateways} takenAt={takenAt} />
      </section>
      <section aria-labelledby="workers">
        <div class="section-head">
          <h2 id="workers">Workers</h2>
        </div>
        <WorkerTable workers={workers} takenAt={takenAt} />
      </section>
      <footer class="foot">
        Holdfast console {version}. It reads <code>{reads.redis}</code>, prefix <code>{reads.prefix}</code>,
        and changes nothing.
      </footer>
    </main>
  )
}

function NoSubscription() {
  return (
    <div class="panel hollow">
      <p>No subscription yet.</p>
      <p>
        Start a worker, which declares its own, or name some under <code>subscriptions</code> in{' '}
        <code>holdfast.yaml</code>. Until then events have nowhere to wait.
      </p>
    </div>
  )
}
