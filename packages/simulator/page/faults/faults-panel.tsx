import './faults.css'
import { Icon } from '@holdfast/ui'
import { X } from 'lucide'
import { useRef, useState } from 'preact/hooks'
import type { Platform } from '../../src/facts.ts'
import type { PageBot } from '../../src/page/feed.ts'
import { PlatformGlyph } from '../chat/platform-glyph.tsx'
import { PLATFORM_NAMES } from '../chat/platform-names.ts'
import { makeFault } from '../control.ts'
import type { FaultsView } from '../state/faults-view.ts'
import { useTrouble } from '../use-trouble.ts'
import { BotSockets } from './bot-sockets.tsx'
import { FaultEntry } from './fault-entry.tsx'
import { LastFaults } from './last-faults.tsx'
import { useFocus } from './use-focus.ts'

interface FaultsPanelProps {
  readonly faults: FaultsView
  readonly bots: readonly PageBot[]
  /** Whose faults it shows at first. */
  readonly first: Platform
  close(): void
}

const PLATFORMS: readonly Platform[] = ['slack', 'discord']

/** Everything that can go wrong on a platform, at a press, and what it did to the sockets. */
export function FaultsPanel({ faults, bots, first, close }: FaultsPanelProps) {
  const [platform, choose] = useState(first)
  const panel = useRef<HTMLElement>(null)
  useFocus(panel)
  const [open, setOpen] = useState<string>()
  const { trouble, attempt } = useTrouble()
  const known = Object.entries(faults.known).filter(([, { platforms }]) => platforms.includes(platform))
  const own = bots.filter((bot) => bot.platform === platform)
  return (
    <aside
      class="faults panel"
      aria-label="Faults"
      ref={panel}
      tabIndex={-1}
      onKeyDown={({ key }) => {
        if (key === 'Escape') close()
      }}
    >
      <header class="faults-head">
        <h2>Faults</h2>
        <PlatformChoice chosen={platform} choose={choose} />
        <button type="button" class="faults-close" aria-label="Close faults" onClick={close}>
          <Icon of={X} />
        </button>
      </header>
      <div class="faults-now">
        <BotSockets bots={own} />
        <LastFaults faults={faults.last.filter((fault) => fault.platform === platform)} />
        {trouble === undefined ? null : (
          <p class="faults-trouble" role="alert">
            {trouble}
          </p>
        )}
      </div>
      <ul class="faults-list" aria-label={`What can go wrong on ${PLATFORM_NAMES[platform]}`}>
        {known.map(([name, { does, parameters }]) => (
          <FaultEntry
            key={`${platform} ${name}`}
            name={name}
            does={does}
            parameters={parameters[platform] ?? []}
            bots={own}
            isOpen={open === name}
            toggle={() => setOpen(open === name ? undefined : name)}
            make={(values) => void attempt(name, makeFault({ fault: name, platform, ...values }))}
          />
        ))}
      </ul>
    </aside>
  )
}

function PlatformChoice({ chosen, choose }: { readonly chosen: Platform; choose(platform: Platform): void }) {
  return (
    <fieldset class="faults-platforms">
      <legend class="unseen">Platform of the faults</legend>
      {PLATFORMS.map((platform) => (
        <button
          key={platform}
          type="button"
          aria-pressed={platform === chosen}
          onClick={() => choose(platform)}
        >
          <PlatformGlyph of={platform} /> {PLATFORM_NAMES[platform]}
        </button>
      ))}
    </fieldset>
  )
}
