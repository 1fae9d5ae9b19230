import { Dot } from '@holdfast/ui'
import type { Note } from '../src/feed.ts'

/** So many are shown at once; the rest unfolds. */
const SHOWN_COUNT = 4

/** What is not well, where it is more than the sentence in the header. */
export function NoteList({ notes }: { readonly notes: readonly Note[] }) {
  if (notes.length < 2) return null
  const rest = notes.slice(SHOWN_COUNT)
  return (
    <section class="panel notes" aria-label="What is not well">
      <Notes notes={notes.slice(0, SHOWN_COUNT)} />
      {rest.length > 0 ? (
        <details>
          <summary>{rest.length} more</summary>
          <Notes notes={rest} />
        </details>
      ) : null}
    </section>
  )
}

function Notes({ notes }: { readonly notes: readonly Note[] }) {
  return (
    <ul>
      {notes.map(({ level, text }) => (
        <li key={text}>
          <Dot tone={level === 'trouble' ? 'bad' : 'warn'} />
          <span class="unseen">{level === 'trouble' ? 'Trouble: ' : 'Attention: '}</span>
          {text}
        </li>
      ))}
    </ul>
  )
}
