import { formatCount, Icon } from '@holdfast/ui'
import { Play, Square } from 'lucide'
import type { StreamState } from '../../src/page/feed.ts'
import { RATES, type StreamSwitch } from './use-stream.ts'

interface StreamControlProps {
  readonly stream: StreamState
  readonly control: StreamSwitch
}

/** Starts and stops the messages that come by themselves, and says how many a second. */
export function StreamControl({ stream, control }: StreamControlProps) {
  const runs = stream.perSecond > 0
  // A rate that was set elsewhere is shown, too.
  const rates = [...new Set([...RATES, control.rate])].sort((one, other) => one - other)
  return (
    <div class="stream">
      <button
        type="button"
        class="button strip-button"
        data-look={runs ? undefined : 'primary'}
        data-running={runs}
        aria-keyshortcuts="s"
        title={
          runs ? `${formatCount(stream.sentCount)} messages sent` : 'Several people write on both platforms'
        }
        onClick={control.toggle}
      >
        <Icon of={runs ? Square : Play} />
        <span>{runs ? 'Stop stream' : 'Start stream'}</span>
        <span class="key" aria-hidden="true">
          <kbd>s</kbd>
        </span>
      </button>
      <select
        class="stream-rate"
        aria-label="Messages per second"
        title="Messages per second"
        value={String(control.rate)}
        onChange={({ currentTarget }) => control.setRate(Number(currentTarget.value))}
      >
        {rates.map((rate) => (
          <option key={rate} value={String(rate)}>
            {rate}/s
          </option>
        ))}
      </select>
    </div>
  )
}
