import type { Page } from 'playwright-core'

/** A text on the page that is hard to read, with its contrast: 1 is invisible, 21 black on white. */
export interface FaintText {
  readonly text: string
  readonly contrast: number
}

interface PaintedText {
  readonly text: string
  readonly isLarge: boolean
  /** As painted, over all that lies below it: red, green, blue. */
  readonly ink: readonly number[]
  readonly ground: readonly number[]
}

/**
 * All visible texts below the contrast that the Web Content Accessibility Guidelines ask for (4.5, large ones 3), except
 * those of disabled controls. https://www.w3.org/TR/WCAG22/#contrast-minimum
 */
export async function faintTexts(page: Page): Promise<readonly FaintText[]> {
  const texts = await page.locator('body').evaluate(paintedTexts)
  return texts
    .map(({ text, isLarge, ink, ground }) => ({ text, isLarge, contrast: contrast(ink, ground) }))
    .filter((one) => one.contrast < (one.isLarge ? 3 : 4.5))
    .map(({ text, contrast }) => ({ text, contrast: Math.round(contrast * 100) / 100 }))
}

function contrast(one: readonly number[], other: readonly number[]): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

/** https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
function luminance(colour: readonly number[]): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

/** Runs in the page, so it takes nothing from this module. A canvas mixes the colours, whatever their notation. */
function paintedTexts(body: DomElement): PaintedText[] {
  const { ownerDocument: document } = body
  const view = document.defaultView
  const context = document.createElement('canvas').getContext('2d', { willReadFrequently: true })
  const ancestry = (element: DomElement | null): DomElement[] =>
    element ? [...ancestry(element.parentElement), element] : []
  const paint = (colour: string) => {
    context.fillStyle = colour
    context.fillRect(0, 0, 1, 1)
    return [...context.getImageData(0, 0, 1, 1).data].slice(0, 3)
  }
  const ownText = (element: DomElement) =>
    [...element.childNodes].map((node) => (node.nodeType === 3 ? node.textContent.trim() : '')).join('')
  const isRead = (element: DomElement) =>
    ownText(element) !== '' &&
    element.checkVisibility({ opacityProperty: true, visibilityProperty: true }) &&
    element.getBoundingClientRect().width > 1 &&
    !element.closest(':disabled, [aria-disabled="true"], option')
  return [...body.querySelectorAll('*')].filter(isRead).map((element) => {
    const style = view.getComputedStyle(element)
    paint('white')
    const grounds = ancestry(element).map((one) => paint(view.getComputedStyle(one).backgroundColor))
    const size = Number.parseFloat(style.fontSize)
    return {
      text: ownText(element),
      isLarge: size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700),
      ground: grounds.at(-1) ?? [],
      ink: paint(style.color),
    }
  })
}

/** As much of the DOM as is looked at here: tests are compiled without it. */
interface DomElement {
  readonly parentElement: DomElement | null
  readonly childNodes: Iterable<{ readonly nodeType: number; readonly textContent: string }>
  readonly ownerDocument: {
    readonly defaultView: {
      getComputedStyle(element: DomElement): {
        readonly backgroundColor: string
        readonly color: string
        readonly fontSize: string
        readonly fontWeight: string
      }
    }
    createElement(name: 'canvas'): { getContext(kind: '2d', options: object): DomCanvas }
  }
  checkVisibility(options: object): boolean
  closest(selector: string): DomElement | null
  getBoundingClientRect(): { readonly width: number }
  querySelectorAll(selector: string): Iterable<DomElement>
}

interface DomCanvas {
  fillStyle: string
  fillRect(x: number, y: number, width: number, height: number): void
  getImageData(x: number, y: number, width: number, height: number): { readonly data: Iterable<number> }
}
