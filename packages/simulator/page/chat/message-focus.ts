const FORWARD = ['ArrowDown', 'ArrowRight']
const BACK = ['ArrowUp', 'ArrowLeft']

/** The arrow keys in a log: up and down go from message to message, right and left to the buttons of one. */
export function stepFocus(event: KeyboardEvent): void {
  const { target, currentTarget: log, key } = event
  if (!(target instanceof HTMLElement) || !(log instanceof HTMLElement)) return
  const step = FORWARD.includes(key) ? 1 : BACK.includes(key) ? -1 : 0
  if (step === 0) return
  const isAcross = key === 'ArrowRight' || key === 'ArrowLeft'
  const article = target.closest<HTMLElement>('article')
  const next = isAcross
    ? neighbour(article, 'button', target, step)
    : neighbour(log, 'article', article, step)
  if (!next) return
  event.preventDefault()
  next.focus()
}

function neighbour(inside: HTMLElement | null, kind: string, of: HTMLElement | null, step: number) {
  const all = [...(inside?.querySelectorAll<HTMLElement>(kind) ?? [])]
  const at = of ? all.indexOf(of) : -1
  // From outside, the first step leads to the nearest end.
  return at < 0 ? all.at(kind === 'article' ? -1 : 0) : all[at + step]
}
