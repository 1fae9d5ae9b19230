import { effect, type ReadonlySignal, signal } from '@preact/signals'

/** What the reader asked for; `auto` follows the system. */
export type Theme = 'auto' | 'light' | 'dark'

const KEY = 'holdfast-theme'
const CHOICES: readonly Theme[] = ['auto', 'light', 'dark']

/** The reader's choice; setting it changes the page and is remembered in this browser. */
export const theme = signal<Theme>(readChoice())

const system = matchMedia('(prefers-color-scheme: dark)')
const systemIsDark = signal(system.matches)
const shown = signal<'light' | 'dark'>('light')
system.addEventListener('change', ({ matches }) => {
  systemIsDark.value = matches
})

/** What is shown: for what can't follow the style sheet, such as a canvas. Changes after the page has. */
export const shownTheme: ReadonlySignal<'light' | 'dark'> = shown

effect(() => {
  const dark = theme.value === 'dark' || (theme.value === 'auto' && systemIsDark.value)
  document.documentElement.style.colorScheme = theme.value === 'auto' ? '' : theme.value
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  remember(theme.value)
  shown.value = dark ? 'dark' : 'light'
})

/** The choice after this one, in a circle. */
export function nextTheme(current: Theme): Theme {
  return CHOICES[(CHOICES.indexOf(current) + 1) % CHOICES.length] ?? 'auto'
}

function readChoice(): Theme {
  try {
    const stored = localStorage.getItem(KEY)
    return CHOICES.find((choice) => choice === stored) ?? 'auto'
  } catch {
    // A browser may refuse storage; then nothing is remembered.
    return 'auto'
  }
}

function remember(choice: Theme): void {
  try {
    localStorage.setItem(KEY, choice)
  } catch {
    // As above.
  }
}
