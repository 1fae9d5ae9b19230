import type { IncomingHttpHeaders } from 'node:http'
import { isIP } from 'node:net'
import type { FastifyInstance } from 'fastify'

const GUARDED = /^\/(control|page)\//

/**
 * Refuses requests to `/control` and `/page` that a browser makes for another site, so that no web page can drive the
 * simulator or read along. Clients that are no browser send none of these headers and are not concerned.
 */
export function refuseForeignPages(app: FastifyInstance, listensOn: string): void {
  app.addHook('onRequest', async ({ routeOptions, headers }, reply) => {
    // By the route, not by the address as it was written: that may be percent-encoded.
    const why = GUARDED.test(routeOptions.url ?? '') ? foreignness(headers, isLoopback(listensOn)) : undefined
    if (why !== undefined) {
      return reply
        .code(403)
        .send({ code: 'foreign-page', error: `refused: ${why}; use the simulator's own page` })
    }
  })
}

/** Why a request seems to be made for another site's page, or nothing. */
export function foreignness(headers: IncomingHttpHeaders, onLoopback: boolean): string | undefined {
  const { host = '', origin, 'sec-fetch-site': site } = headers
  if (site === 'cross-site') return 'the browser marks it as cross-site'
  // The browser's word comes first: behind a forwarded port, `host` is not what the browser calls us.
  const ours = site === 'same-origin' || origin === undefined || hostOf(origin) === host
  if (!ours) return `it comes from a page of ${origin}`
  // A name that an attacker has pointed at this machine: its page would be of our own origin.
  if (onLoopback && !isLoopback(nameIn(host))) return `${host} is no name of this machine`
  return undefined
}

function hostOf(origin: string): string | undefined {
  return URL.canParse(origin) ? new URL(origin).host : undefined
}

function nameIn(host: string): string {
  return URL.canParse(`http://${host}`) ? new URL(`http://${host}`).hostname.replace(/^\[|\]$/g, '') : host
}

function isLoopback(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost') || name === '::1') return true
  return isIP(name) === 4 && name.startsWith('127.')
}
