import { Chip, type Tone } from '@holdfast/ui'
import type { PageBot, PageSocket } from '../../src/page/feed.ts'

const TONES: Readonly<Record<PageSocket['state'], Tone>> = {
  open: 'good',
  frozen: 'bad',
  delayed: 'warn',
  waiting: 'note',
}

const WORDS: Readonly<Record<PageSocket['state'], string>> = {
  open: 'open',
  frozen: 'frozen',
  delayed: 'late',
  waiting: 'waits for a resume',
}

/** The sockets of each bot, and how they are. */
export function BotSockets({ bots }: { readonly bots: readonly PageBot[] }) {
  return (
    <dl class="bot-sockets" aria-label="Sockets">
      {bots.map(({ id, name, sockets }) => (
        <div key={id}>
          <dt>{name}</dt>
          <dd>
            {sockets.length === 0 ? <span class="faults-none">no socket</span> : null}
            {sockets.map((socket) => (
              <SocketChip key={`${socket.socket} ${socket.about}`} socket={socket} />
            ))}
          </dd>
        </div>
      ))}
    </dl>
  )
}

function SocketChip({ socket: { socket, state, about } }: { readonly socket: PageSocket }) {
  return (
    <span data-socket={state}>
      <Chip tone={TONES[state]} title={socket === undefined ? about : `socket ${socket}, ${about}`}>
        {about} <b>{WORDS[state]}</b>
        {socket === undefined ? null : <span class="socket-number">#{socket}</span>}
      </Chip>
    </span>
  )
}
