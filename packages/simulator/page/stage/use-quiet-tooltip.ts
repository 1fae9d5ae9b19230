import { useEffect, useState } from 'preact/hooks'

/**
 * A tooltip that has said what it says: it hides at a press or at any key, so that what the press does can be seen, and
 * may show again when the pointer comes anew or the keyboard brings the focus.
 */
export function useQuietTooltip() {
  const [isQuiet, setQuiet] = useState(false)

  useEffect(() => {
    const hush = () => setQuiet(true)
    document.addEventListener('keydown', hush, { capture: true })
    return () => document.removeEventListener('keydown', hush, { capture: true })
  }, [])

  return {
    isQuiet,
    hush: () => setQuiet(true),
    /** For the element around the control and its tooltip. */
    surroundings: {
      onPointerEnter: () => setQuiet(false),
      onFocusIn: ({ target }: FocusEvent) => {
        if (target instanceof Element && target.matches(':focus-visible')) setQuiet(false)
      },
    },
  }
}
