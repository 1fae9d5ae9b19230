import type { HttpServer } from '@holdfast/runtime'

const READS = ['GET', 'HEAD']

/**
 * The console answers reads and nothing else: whatever would change something, of its own routes or of the job browser's,
 * is refused before anybody else sees it. It loads nothing from other servers either, whatever a page asks for.
 */
export function answerReadsOnly({ app }: Pick<HttpServer, 'app'>): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('content-security-policy', POLICY).header('x-content-type-options', 'nosniff')
    if (READS.includes(request.method)) return
    return reply.code(405).header('allow', READS.join(', ')).send({ error: 'the console only shows' })
  })
}

/** The job browser writes scripts and styles into its page. */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'unsafe-inline'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "frame-ancestors 'none'",
].join('; ')
