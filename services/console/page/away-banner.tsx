import { type Contact, formatDuration } from '@holdfast/ui'
import type { ConsoleHello } from '../src/feed.ts'

interface AwayBannerProps {
  readonly known: ConsoleHello | undefined
  readonly contact: Contact
}

/** Says that what is shown is not of now, and why. */
export function AwayBanner({ known, contact }: AwayBannerProps) {
  if (contact === 'lost')
    return (
      <p class="banner" role="alert">
        <strong>The console does not answer.</strong> Below is what it said last; the page asks again until it
        is back.
      </p>
    )
  if (known?.redis.state !== 'away') return null
  const { pictureAgeMs, why } = known.redis
  return (
    <p class="banner" role="alert">
      <strong>Redis is away</strong> ({why}). Below is the last picture, {formatDuration(pictureAgeMs)} old.
      Gateways keep their sockets and hold events in memory meanwhile; nothing has to be done here once Redis
      is back.
    </p>
  )
}
