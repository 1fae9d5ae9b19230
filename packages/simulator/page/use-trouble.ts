import { useEffect, useState } from 'preact/hooks'
import type { Outcome } from './control.ts'

const SHOWN_MS = 15_000

/** What did not work, in one sentence: until something works, or for a while. */
export function useTrouble() {
  const [trouble, setTrouble] = useState<string>()

  useEffect(() => {
    if (trouble === undefined) return
    const timer = setTimeout(() => setTrouble(undefined), SHOWN_MS)
    return () => clearTimeout(timer)
  }, [trouble])

  /** `what` is the name of what is tried. */
  async function attempt(what: string, trying: Promise<Outcome>): Promise<boolean> {
    const outcome = await trying
    setTrouble(outcome.ok ? undefined : `${what} did not work: ${outcome.why}`)
    return outcome.ok
  }

  return { trouble, attempt }
}
