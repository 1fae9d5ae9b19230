import type { RefObject } from 'preact'
import { useEffect } from 'preact/hooks'

/** While it is shown the element has the focus at first; gone, it gives the focus back to whatever had it. */
export function useFocus(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const before = document.activeElement
    element.current?.focus()
    return () => {
      if (before instanceof HTMLElement) before.focus()
    }
  }, [])
}
