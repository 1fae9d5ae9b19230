import { Dot } from '@holdfast/ui'
import type { Platform } from '../../src/facts.ts'
import type { PaneState } from '../state/pane-state.ts'
import { PlatformGlyph } from './platform-glyph.tsx'
import { PLATFORM_NAMES } from './platform-names.ts'

interface PaneTabsProps {
  readonly panes: readonly PaneState[]
  readonly shown: Platform
  show(platform: Platform): void
}

/** Which pane a narrow screen shows; wide ones show both. */
export function PaneTabs({ panes, shown, show }: PaneTabsProps) {
  return (
    <nav class="pane-tabs" aria-label="Platforms">
      {panes.map(({ platform, online }) => (
        <button key={platform} type="button" aria-pressed={platform === shown} onClick={() => show(platform)}>
          <PlatformGlyph of={platform} /> {PLATFORM_NAMES[platform]}{' '}
          <Dot tone={online ? 'good' : undefined} />
        </button>
      ))}
    </nav>
  )
}
