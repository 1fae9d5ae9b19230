import type { RefObject } from 'preact'
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks'

const NEAR_PX = 24

/**
 * Keeps a scrolling element at its end while the reader is there: through new content and through changes of size.
 * Scrolling up leaves the end, scrolling down to it (or `toEnd`) comes back.
 */
export function useEnd(element: RefObject<HTMLElement | null>, content: unknown) {
  const [isAtEnd, setAtEnd] = useState(true)
  const end = useRef(true)
  const lastTop = useRef(0)

  function settle(next: boolean): void {
    end.current = next
    setAtEnd(next)
  }

  function pin(): void {
    if (!element.current || !end.current) return
    element.current.scrollTop = element.current.scrollHeight
    lastTop.current = element.current.scrollTop
  }

  useLayoutEffect(pin, [content, isAtEnd])

  useEffect(() => {
    const scroller = element.current
    if (!scroller) return
    const onScroll = () => {
      const { scrollTop, scrollHeight, clientHeight } = scroller
      const distance = scrollHeight - clientHeight - scrollTop
      // A step up leaves at once: near the end, new content would pull the reader back before the second step.
      if (scrollTop < lastTop.current && distance > 1) settle(false)
      else if (distance < NEAR_PX) settle(true)
      lastTop.current = scrollTop
    }
    const resizing = new ResizeObserver(pin)
    resizing.observe(scroller)
    scroller.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      resizing.disconnect()
      scroller.removeEventListener('scroll', onScroll)
    }
  }, [])

  return { isAtEnd, toEnd: () => settle(true) }
}
