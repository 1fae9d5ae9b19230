import { type Answer, type Call, startFakePlatform } from './fake-platform.ts'
import { INTERACTION_ID } from './sample-events.ts'

/** What a test does to a call: another answer, or the call has its effect and its answer is lost. */
export type Interference = Answer | 'do it, then hang up' | undefined

interface Shown {
  readonly id: string
  readonly content: unknown
  readonly flags: number
}

const LOADING = 128

const refusal = (status: number, code: number, message: string): Answer => ({
  status,
  json: { code, message },
})

/** The part of Discord that one interaction in channel 77 sees, by the rules of its documentation. */
export async function startFakeInteraction(interfere: (call: Call) => Interference = () => undefined) {
  const world = {
    /** What stands as the answer. */
    original: undefined as Shown | undefined,
    answered: false,
    followUps: [] as Shown[],
    channelPosts: [] as (Shown & { readonly nonce: unknown })[],
    /** 3 s are over. */
    late: false,
    /** 15 minutes are over. */
    tokenOver: false,
    /** Another bot's word in the channel, in the way of who looks for a follow-up. */
    strangers: [] as object[],
  }
  let count = 0
  const shown = (body: Record<string, unknown>): Shown => {
    count += 1
    return {
      id: `14560000000000001${count.toString().padStart(2, '0')}`,
      content: body.content,
      flags: Number(body.flags ?? 0),
    }
  }
  const inChannel = (message: Shown | undefined) =>
    message && { ...message, channel_id: '77', application_id: '9' }
  const followed = (message: Shown) => ({
    ...inChannel(message),
    interaction_metadata: { id: INTERACTION_ID, original_response_message_id: world.original?.id ?? '1' },
  })

  function respond({ body }: Call): Answer {
    if (world.answered) return refusal(400, 40_060, 'Interaction has already been acknowledged.')
    if (world.late) return refusal(404, 10_062, 'Unknown interaction')
    world.answered = true
    world.original = shown(body.data as Record<string, unknown>)
    return {
      json: {
        interaction: { id: INTERACTION_ID },
        resource: { type: 4, message: inChannel(world.original) },
      },
    }
  }

  function webhook(call: Call): Answer {
    if (world.tokenOver) return refusal(401, 50_027, 'Invalid Webhook Token')
    if (!world.answered) return refusal(404, 10_015, 'Unknown Webhook')
    if (call.method === 'POST' && world.original && (world.original.flags & LOADING) !== 0) return fill(call)
    if (call.method === 'POST') {
      const message = shown(call.body)
      world.followUps.push(message)
      return { json: followed(message) }
    }
    if (!world.original) return refusal(404, 10_008, 'Unknown Message')
    return call.method === 'PATCH' ? fill(call) : { json: inChannel(world.original) }
  }

  /** Who may see it stays as it was. */
  function fill({ body }: Call): Answer {
    if (!world.original) return refusal(404, 10_008, 'Unknown Message')
    const flags = world.original.flags & ~LOADING
    world.original = { ...world.original, content: body.content, flags }
    return { json: inChannel(world.original) }
  }

  function channel({ method, body }: Call): Answer {
    if (method === 'POST') {
      const known = world.channelPosts.find(({ nonce }) => nonce === body.nonce)
      const message = known ?? { ...shown(body), nonce: body.nonce }
      if (!known) world.channelPosts.push(message)
      return { json: inChannel(message) }
    }
    const visible = world.followUps.filter(({ flags }) => (flags & 64) === 0).map(followed)
    return { json: [...world.strangers, ...visible].toReversed() }
  }

  function act(call: Call): Answer {
    if (call.path.includes('/callback')) return respond(call)
    return call.path.startsWith('v10/webhooks/') ? webhook(call) : channel(call)
  }

  const platform = await startFakePlatform((call) => {
    const other = interfere(call)
    if (other !== undefined && other !== 'do it, then hang up') return other
    const answer = act(call)
    return other === undefined ? answer : 'hang up'
  })
  /** As the handler, or another subscription, would do by itself. */
  const answerElsewhere = (flags = 0) => {
    world.answered = true
    world.original = shown({ content: 'from elsewhere', flags })
  }
  return { ...platform, world, answerElsewhere, defer: (flags = 0) => answerElsewhere(flags | LOADING) }
}

export type FakeInteraction = Awaited<ReturnType<typeof startFakeInteraction>>
