import type { CommandChoice } from './use-command-menu.ts'

interface CommandMenuProps {
  readonly menu: CommandChoice
  /** Why there are no commands. */
  readonly note: string | undefined
}

/** The slash commands above the field, while one is typed. */
export function CommandMenu({ menu, note }: CommandMenuProps) {
  if (menu.commands.length === 0)
    return note === undefined ? null : <p class="command-menu command-note">{note}</p>
  return (
    <div class="command-menu" role="listbox" id={menu.id} aria-label="Commands">
      {menu.commands.map(({ name, description }, index) => (
        // The field keeps the focus and hands the keys on.
        // biome-ignore lint/a11y/useFocusableInteractive: see above
        // biome-ignore lint/a11y/useKeyWithClickEvents: see above
        <div
          key={name}
          id={`${menu.id}-${index}`}
          class="command"
          role="option"
          aria-selected={index === menu.chosen}
          onPointerMove={() => menu.choose(index)}
          onPointerDown={(event) => event.preventDefault()}
          onClick={() => menu.use(name)}
        >
          <strong>/{name}</strong> <span>{description}</span>
        </div>
      ))}
    </div>
  )
}
