/** Slack's markup as Discord's: https://docs.slack.dev/messaging/formatting-message-text */
export function toMarkdown(mrkdwn: string): string {
  return mrkdwn
    .replace(/<([^|>]+)\|([^>]+)>/g, '[$2]($1)')
    .replace(/<((?:https?|mailto):[^>]+)>/g, '$1')
    .replace(/(?<!\w)\*([^*\n]+)\*(?!\w)/g, '**$1**')
    .replace(/(?<!\w)~([^~\n]+)~(?!\w)/g, '~~$1~~')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&amp;', '&')
}

/** Discord's markup as Slack's. What it takes for a mention there calls nobody here. */
export function toMrkdwn(markdown: string): string {
  return markdown
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replace(/\*\*([^*\n]+)\*\*/g, '*$1*')
    .replace(/~~([^~\n]+)~~/g, '~$1~')
    .replace(/\[([^\]\n]+)\]\((https?:[^)\s]+)\)/g, '<$2|$1>')
}
