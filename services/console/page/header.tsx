import { Chip, type Contact, Dot, ThemeToggle, type Tone } from '@holdfast/ui'
import icon from '@holdfast/ui/icon.svg'
import type { ConsoleHello, Summary } from '../src/feed.ts'

const TONES: Readonly<Record<Summary['status'], Tone>> = { well: 'good', attention: 'warn', trouble: 'bad' }

interface HeaderProps {
  readonly known: ConsoleHello | undefined
  readonly contact: Contact
}

/** Who this is, how things stand in one sentence, and the ways out. */
export function Header({ known, contact }: HeaderProps) {
  return (
    <header class="top">
      <h1>
        <img src={icon} alt="" width="28" height="28" />
        Holdfast <span class="soft">console</span>
      </h1>
      <Standing known={known} contact={contact} />
      <nav aria-label="Console">
        <small class="jobs-note" id="jobs-note">
          Failed jobs stay, finished ones are removed
        </small>
        <a class="button" href="jobs/" aria-describedby="jobs-note">
          Browse jobs
        </a>
        <ThemeToggle />
      </nav>
    </header>
  )
}

function Standing({ known, contact }: HeaderProps) {
  if (!known) return <p class="standing">Connecting …</p>
  const { redis, picture } = known
  const old = redis.state === 'away' || contact === 'lost'
  const { status, sentence } = picture.summary
  return (
    <p class="standing" role="status" data-status={old ? 'unknown' : status}>
      <Dot tone={old ? undefined : TONES[status]} />
      <span class="sentence" title={sentence}>
        {sentence}
      </span>
      {old ? <Chip>as last seen</Chip> : null}
    </p>
  )
}
