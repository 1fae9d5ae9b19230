import { Icon } from '@holdfast/ui'
import { Bot } from 'lucide'

interface AvatarProps {
  readonly id: string
  readonly name: string
  readonly isBot: boolean
}

const HUES = 12

/** Someone's initial on a colour that is always theirs; a bot's has its presence on it. */
export function Avatar({ id, name, isBot }: AvatarProps) {
  const initial = [...name].at(0)?.toUpperCase() ?? '?'
  const mark = /(\d+)$/.exec(name)?.[1] ?? ''
  return (
    <span class="avatar" data-bot={isBot} style={{ '--hue': hueOf(id) }} aria-hidden="true">
      {isBot ? <Icon of={Bot} /> : initial + mark.slice(-1)}
      {isBot ? <span class="presence" /> : null}
    </span>
  )
}

function hueOf(id: string): string {
  let sum = 0
  for (const letter of id) sum = (sum * 31 + (letter.codePointAt(0) ?? 0)) % 65_521
  return String((sum % HUES) * (360 / HUES))
}
