import { useId, useState } from 'preact/hooks'
import type { PagePlatform } from '../../src/page/feed.ts'

type Command = PagePlatform['commands'][number]

/** The slash commands that fit what is typed, and which of them Enter would use. */
export interface CommandChoice {
  readonly id: string
  readonly commands: readonly Command[]
  readonly chosen: number
  choose(index: number): void
  use(name: string): void
  /** Handles a key of the field; false where the key is not the menu's. */
  take(event: KeyboardEvent): boolean
  /** What the field says of it to assistive technology. */
  readonly field: Readonly<Record<string, string | boolean | undefined>>
}

export function useCommandMenu(
  text: string,
  all: readonly Command[],
  use: (name: string) => void,
): CommandChoice {
  const id = useId()
  const [picked, choose] = useState(0)
  const [closedAt, closeAt] = useState<string>()
  const typed = /^\/(\S*)$/.exec(text)?.[1]
  const commands =
    typed === undefined || closedAt === text ? [] : all.filter(({ name }) => name.startsWith(typed))
  const chosen = Math.min(picked, Math.max(0, commands.length - 1))
  const keys: Readonly<Record<string, () => void>> = {
    ArrowDown: () => choose((chosen + 1) % commands.length),
    ArrowUp: () => choose((chosen + commands.length - 1) % commands.length),
    Enter: () => use(commands[chosen]?.name ?? ''),
    Escape: () => closeAt(text),
  }

  function take(event: KeyboardEvent): boolean {
    const act = keys[event.key]
    if (commands.length === 0 || !act || event.shiftKey || event.isComposing) return false
    event.preventDefault()
    event.stopPropagation()
    act()
    return true
  }

  const isOpen = commands.length > 0
  const field =
    all.length === 0
      ? {}
      : {
          'aria-autocomplete': 'list',
          'aria-controls': isOpen ? id : undefined,
          'aria-activedescendant': isOpen ? `${id}-${chosen}` : undefined,
        }
  return { id, commands, chosen, choose, use, take, field }
}
