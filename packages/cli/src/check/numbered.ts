/*
 * Numbered messages: what the check's people say and its bot answers. The text is the message's name in all evidence:
 * `check slack C0000001 #17` is answered by `done: check slack C0000001 #17`.
 */

const ANSWER = 'done: '

export interface NumberedMessage {
  readonly platform: 'slack' | 'discord'
  readonly channel: string
  readonly number: number
}

export function numberedText({ platform, channel, number }: NumberedMessage): string {
  return `check ${platform} ${channel} #${number}`
}

/** Whether the text is a numbered message; an answer to one is not. */
export function isNumbered(text: string): boolean {
  return /^check (slack|discord) \S+ #\d+$/.test(text)
}

export function answerTo(text: string): string {
  return `${ANSWER}${text}`
}

/** The numbered message that `text` answers. */
export function answeredBy(text: string): string | undefined {
  return text.startsWith(ANSWER) ? text.slice(ANSWER.length) : undefined
}
