import { Moon, Sun, SunMoon } from 'lucide'
import { Icon } from './icon.tsx'
import { nextTheme, theme } from './theme.ts'

const LOOKS = { auto: SunMoon, light: Sun, dark: Moon } as const

/** A button that goes through the themes: the system's, light, dark. */
export function ThemeToggle() {
  const label = `Theme: ${theme.value}`
  return (
    <button
      type="button"
      class="button"
      data-look="quiet"
      title={label}
      aria-label={label}
      onClick={() => {
        theme.value = nextTheme(theme.value)
      }}
    >
      <Icon of={LOOKS[theme.value]} />
    </button>
  )
}
