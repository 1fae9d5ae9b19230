import { Chip, Icon, type Tone } from '@holdfast/ui'
import { Bot, Cable, Database, type IconNode } from 'lucide'
import type { StagePart, StageState } from '../../src/page/stage.ts'

const ICONS: Readonly<Record<StagePart['kind'], IconNode>> = { gateway: Cable, worker: Bot, redis: Database }

const TONES: Readonly<Record<StagePart['state'], Tone | undefined>> = {
  starting: 'note',
  up: 'good',
  draining: 'note',
  paused: 'warn',
  killed: 'bad',
  ended: undefined,
}

/** The processes behind the platforms, and what is being done to them. */
export function Parts({ state: { parts, running } }: { readonly state: StageState }) {
  return (
    <div class="parts">
      <ul aria-label="Processes">
        {parts.map((part) => (
          <li key={`${part.name} ${part.pid}`} data-state={part.state}>
            <Chip tone={TONES[part.state]} title={`process ${part.pid}, ${part.state}`}>
              <Icon of={ICONS[part.kind]} />
              <span class="part-name">{part.name}</span>
              {part.version === undefined ? null : <b>{part.version}</b>}
              {part.state === 'up' ? <span class="unseen">up</span> : <i>{part.state}</i>}
            </Chip>
          </li>
        ))}
      </ul>
      <p class="parts-running" role="status">
        {Object.values(running).join(' · ')}
      </p>
    </div>
  )
}
