import { request } from 'node:http'
import { describe, expect, it } from 'vitest'
import { foreignness } from '../src/own-origin.ts'
import { setStage } from './stage.ts'

/** Asks with headers as they are given, and answers the status. */
function ask(url: string, path: string, headers: Record<string, string>): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const asking = request(
      new URL(path, url),
      { headers: { connection: 'close', ...headers } },
      (response) => {
        response.destroy()
        resolve(response.statusCode)
      },
    )
    asking.once('error', reject)
    asking.end()
  })
}

describe('a page of another site', () => {
  it.each(['/control/state', '/page/feed', '/%63ontrol/state', '/control/nothing'])(
    'is refused at %s',
    async (path) => {
      const { at } = await setStage()
      expect(await ask(at.url, path, { 'sec-fetch-site': 'cross-site' })).toBe(
        path === '/control/nothing' ? 404 : 403,
      )
    },
  )

  it('may not post, whatever kind of body it sends', async () => {
    const { at, simulator, slackChannel } = await setStage()
    const headers = { 'content-type': 'application/json', origin: 'http://evil.example' }
    const body = JSON.stringify({ channel: slackChannel, user: 'U1', text: 'x' })
    const response = await fetch(`${at.controlUrl}/slack/message`, { method: 'POST', headers, body })
    expect(response.status).toBe(403)
    expect(await response.json()).toMatchObject({ code: 'foreign-page' })
    expect(simulator.record.of('event')).toEqual([])
  })

  it('does not stop bots, which send what they like', async () => {
    const { at } = await setStage()
    const status = await ask(at.url, '/slack/api/auth.test', { 'sec-fetch-site': 'cross-site' })
    expect(status).toBe(200)
  })
})

describe('the origin of a request', () => {
  const host = '127.0.0.1:4000'
  it.each([
    ['no browser', { host }],
    ['the own page', { host, origin: `http://${host}`, 'sec-fetch-site': 'same-origin' }],
    ['the own page in a browser without Sec-Fetch', { host, origin: `http://${host}` }],
    ['the own page by the name localhost', { host: 'localhost:4000', origin: 'http://localhost:4000' }],
    ['the own page by IPv6', { host: '[::1]:4000', origin: 'http://[::1]:4000' }],
    [
      'the own page behind a forwarded port',
      { host, origin: 'https://x.example', 'sec-fetch-site': 'same-origin' },
    ],
    ['an address that was typed', { host, 'sec-fetch-site': 'none' }],
  ])('is ours for %s', (_, headers) => {
    expect(foreignness(headers, true)).toBeUndefined()
  })

  it.each([
    ['a page of another site', { host, 'sec-fetch-site': 'cross-site' }, /cross-site/],
    [
      'a page on another port',
      { host, origin: 'http://127.0.0.1:5000', 'sec-fetch-site': 'same-site' },
      /5000/,
    ],
    ['a sandboxed page', { host, origin: 'null' }, /null/],
    ['a name that was pointed here', { host: 'evil.example', origin: 'http://evil.example' }, /no name of/],
    ['no name at all', {}, /no name of/],
  ])('is foreign for %s', (_, headers, why) => {
    expect(foreignness(headers, true)).toMatch(why)
  })

  it('may have any name where the simulator listens beyond the machine', () => {
    expect(foreignness({ host: 'simulator:8080' }, false)).toBeUndefined()
  })
})
