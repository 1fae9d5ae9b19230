import type { Clock } from '../clock.ts'
import { given } from '../given.ts'
import type { DiscordDirectory } from './directory.ts'
import type { MemberRequest } from './gateway-frame.ts'
import { showBotUser, showMember, showUser } from './payloads.ts'
import type { DiscordSession } from './session.ts'

const ALL_MEMBERS_EVERY_MS = 30_000
const CHUNK_COUNT = 1_000
// What a request for a prefix or for single users is answered with at most.
const FOUND_COUNT = 100

/**
 * REQUEST_GUILD_MEMBERS: answers in GUILD_MEMBERS_CHUNK dispatches of 1,000. All members of a guild may be asked for
 * once per bot in 30 s, else RATE_LIMITED. Source: docs.discord.com, Gateway Events, Request Guild Members.
 */
export class MemberRequests {
  readonly #clock: Clock
  readonly #directory: DiscordDirectory
  readonly #lastMs = new Map<string, number>()

  constructor(clock: Clock, directory: DiscordDirectory) {
    this.#clock = clock
    this.#directory = directory
  }

  answer(session: DiscordSession, request: MemberRequest): void {
    const guild = this.#directory.guildsOf(session.bot).find(({ id }) => id === request.guildId)
    if (!guild) return
    const wantsAll = request.userIds === undefined && request.query === '' && request.limit === 0
    const waitMs = wantsAll ? this.#waitMs(session, guild.id) : 0
    if (waitMs > 0) return this.#refuse(session, request, waitMs)
    const members = this.#membersOf(guild.id, request)
    const chunkCount = Math.max(1, Math.ceil(members.length / CHUNK_COUNT))
    for (let index = 0; index < chunkCount; index++) {
      const chunk = given({
        guild_id: guild.id,
        members: members.slice(index * CHUNK_COUNT, (index + 1) * CHUNK_COUNT),
        chunk_index: index,
        chunk_count: chunkCount,
        not_found: request.userIds?.filter((id) => !this.#isMember(guild.id, id)),
        nonce: request.nonce,
      })
      session.dispatch('GUILD_MEMBERS_CHUNK', JSON.stringify(chunk))
    }
  }

  #waitMs(session: DiscordSession, guildId: string): number {
    const key = `${session.bot.id} ${guildId}`
    const now = this.#clock.monotonicMs()
    const waitMs = (this.#lastMs.get(key) ?? Number.NEGATIVE_INFINITY) + ALL_MEMBERS_EVERY_MS - now
    if (waitMs <= 0) this.#lastMs.set(key, now)
    return waitMs
  }

  #refuse(session: DiscordSession, { guildId, nonce }: MemberRequest, waitMs: number): void {
    const meta = given({ guild_id: guildId, nonce })
    session.dispatch('RATE_LIMITED', JSON.stringify({ opcode: 8, retry_after: waitMs / 1_000, meta }))
  }

  #isMember(guildId: string, id: string): boolean {
    return (
      this.#directory.user(id) !== undefined || this.#directory.botsIn(guildId).some((bot) => bot.id === id)
    )
  }

  #membersOf(guildId: string, { limit, query, userIds }: MemberRequest) {
    const bots = this.#directory.botsIn(guildId).map(showBotUser)
    const everyone = [...bots, ...this.#directory.users.map(showUser)]
    const wanted = everyone.filter(({ id, username }) =>
      userIds === undefined ? username.startsWith(query ?? '') : userIds.includes(id),
    )
    const asked = limit > 0 ? limit : Number.POSITIVE_INFINITY
    const most = query === '' && userIds === undefined ? asked : Math.min(asked, FOUND_COUNT)
    return wanted.slice(0, most).map((user) => ({ user, ...showMember() }))
  }
}
