import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

const NEAR_PX = 24

/**
 * Keeps a scrolling element at its end while the reader is there: through new content and through changes of size.
 * Scrolling up leaves the end, scrolling down to it (or `toEnd`) comes back. What is added above as the reader leaves
 * moves nothing. The element must have no scroll anchoring of its own.
 */
export function useEnd(element: RefObject<HTMLElement | null>, content: unknown) {
  const [isAtEnd, setAtEnd] = useState(true)
  const end = useRef(true)
  const last = useRef({ top: 0, height: 0 })

  function settle(next: boolean): void {
    end.current = next
    setAtEnd(next)
  }

  function pin(): void {
    const scroller = element.current
    if (!scroller || !end.current) return
    scroller.scrollTop = scroller.scrollHeight
    last.current = { top: scroller.scrollTop, height: scroller.scrollHeight }
  }

  useLayoutEffect(pin, [content, isAtEnd])

  useLayoutEffect(() => {
    const scroller = element.current
    if (scroller && !isAtEnd) scroller.scrollTop += scroller.scrollHeight - last.current.height
  }, [isAtEnd])

  useEffect(() => {
    const scroller = element.current
    if (!scroller) return
    const onScroll = () => {
      const { scrollTop: top, scrollHeight: height, clientHeight } = scroller
      const distance = height - clientHeight - top
      // A step up leaves at once: near the end, new content would pull the reader back before the second step.
      if (top < last.current.top && distance > 1) settle(false)
      else if (distance < NEAR_PX) settle(true)
      last.current = { top, height }
    }
    return follow(scroller, onScroll, pin)
  }, [])

  return { isAtEnd, toEnd: () => settle(true) }
}

/** Calls back for steps and for changes of size. Returns how to stop. */
function follow(scroller: HTMLElement, onScroll: () => void, onResize: () => void): () => void {
  const resizing = new ResizeObserver(onResize)
  resizing.observe(scroller)
  scroller.addEventListener('scroll', onScroll, { passive: true })
  return () => {
    resizing.disconnect()
    scroller.removeEventListener('scroll', onScroll)
  }
}
