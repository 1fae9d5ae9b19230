import type { Page, Request } from 'playwright-core'

/** What a page should never do. Returns how to ask what it did, one line each. */
export function watchPage(page: Page): () => readonly string[] {
  const troubles: string[] = []
  const note = (line: string) => void troubles.push(line)
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) note(`console ${message.type()}: ${message.text()}`)
  })
  page.on('pageerror', (error) => note(`uncaught: ${error.message}`))
  page.on('request', (request) => {
    if (!isHere(request)) note(`asked another machine: ${request.url()}`)
  })
  page.on('requestfailed', (request) => {
    if (!isFeedLeft(request))
      note(`failed: ${request.method()} ${request.url()} ${request.failure()?.errorText}`)
  })
  page.on('response', (response) => {
    if (response.status() >= 400) note(`answered ${response.status()}: ${response.url()}`)
  })
  return () => troubles
}

/** `data:` and `blob:` go nowhere. */
function isHere(request: Request): boolean {
  const { protocol, hostname } = new URL(request.url())
  return protocol === 'data:' || protocol === 'blob:' || hostname === '127.0.0.1'
}

/** A feed never ends by itself: leaving or loading the page anew aborts it. */
function isFeedLeft(request: Request): boolean {
  return request.resourceType() === 'eventsource' && request.failure()?.errorText === 'net::ERR_ABORTED'
}
