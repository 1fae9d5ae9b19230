import { createServer } from 'node:net'

/**
 * A port of 127.0.0.1 on which nobody listened a moment ago, for a process that can't tell which one it was given. Another
 * may take it before: whoever starts a process on it looks whether it came up.
 */
export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer()
    probe.once('error', reject)
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address()
      const port = typeof address === 'object' && address ? address.port : 0
      probe.close(() => resolve(port))
    })
  })
}
