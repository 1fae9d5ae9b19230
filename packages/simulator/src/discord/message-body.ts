import { given } from '../given.ts'
import type { DiscordMessage } from './messages.ts'
import type { DiscordContent } from './postings.ts'
import { invalidField, type RestAnswer, refuse } from './route.ts'

const CONTENT_LENGTH = 2_000
const NONCE_LENGTH = 25

type Fields = Readonly<Record<string, unknown>>

/** What a body says, or the answer it deserves. */
export type MessageBody = { readonly said: DiscordContent } | { readonly refused: RestAnswer }

/** Reads the body of a message to be created or, with `edited`, changed. Source: docs.discord.com, Create Message. */
export function readMessageBody(body: Fields, edited?: DiscordMessage): MessageBody {
  const content = body.content ?? edited?.content ?? ''
  if (typeof content !== 'string') return refused('content', 'STRING_TYPE_CONVERT', 'Must be a string.')
  if (content.length > CONTENT_LENGTH)
    return refused('content', 'BASE_TYPE_MAX_LENGTH', tooLong(CONTENT_LENGTH))
  const embeds = listOf(body.embeds) ?? edited?.embeds
  const components = listOf(body.components) ?? edited?.components
  if (content === '' && !embeds?.length && !components?.length) {
    return { refused: refuse(400, 50_006, 'Cannot send an empty message') }
  }
  const nonce = readNonce(body.nonce)
  if (nonce === 'invalid') return refused('nonce', 'BASE_TYPE_MAX_LENGTH', tooLong(NONCE_LENGTH))
  const flags = typeof body.flags === 'number' ? body.flags : undefined
  return {
    said: given({ content, embeds, components, nonce, flags }),
  }
}

function readNonce(nonce: unknown): string | number | undefined | 'invalid' {
  if (nonce === undefined || nonce === null) return undefined
  if (typeof nonce === 'number' && Number.isInteger(nonce)) return nonce
  return typeof nonce === 'string' && nonce.length <= NONCE_LENGTH ? nonce : 'invalid'
}

function refused(field: string, code: string, message: string): MessageBody {
  return { refused: invalidField(field, code, message) }
}

function tooLong(length: number): string {
  return `Must be ${length} or fewer in length.`
}

function listOf(value: unknown): readonly unknown[] | undefined {
  return Array.isArray(value) ? value : undefined
}
