import type { Page } from 'playwright-core'

/** In the page: keeps every text that is drawn on a canvas, once. */
const KEEP_DRAWN_TEXTS = `{
  const drawn = (globalThis.drawnTexts = new Set())
  const draw = CanvasRenderingContext2D.prototype.fillText
  CanvasRenderingContext2D.prototype.fillText = function (text, ...place) {
    drawn.add(text)
    return draw.call(this, text, ...place)
  }
}`

/** From the next page on, `drawnTexts` tells what canvases show: charts have no other text. */
export function watchDrawing(page: Page): Promise<unknown> {
  return page.addInitScript(KEEP_DRAWN_TEXTS)
}

export function drawnTexts(page: Page): Promise<readonly string[]> {
  return page.evaluate('[...globalThis.drawnTexts]')
}
