/** What became of the `${…}` in one text. */
export type Substituted =
  | { readonly kind: 'done'; readonly text: string }
  | { readonly kind: 'unset'; readonly variable: string }
  | { readonly kind: 'malformed'; readonly part: string }

// `$${` is a literal `${`; `${NAME}` and `${NAME:-default}` are substitutions; any other `${` is a mistake.
const PART = /\$\$\{|\$\{([A-Za-z_][A-Za-z0-9_]*)(?::-([^}]*))?\}|\$\{[^}]*\}?/g

/**
 * Replaces `${NAME}` and `${NAME:-default}` from `env`, as the shell does: a default also serves for a variable that is
 * set but empty. `$${` writes a literal `${`. Values are taken as they are, never substituted again.
 */
export function substitute(text: string, env: Readonly<Record<string, string | undefined>>): Substituted {
  let result = ''
  let end = 0
  for (const match of text.matchAll(PART)) {
    const [part, variable, fallback] = match
    result += text.slice(end, match.index)
    end = match.index + part.length
    if (part === '$${') {
      result += '${'
      continue
    }
    if (variable === undefined) return { kind: 'malformed', part }
    const value = fallback === undefined ? env[variable] : env[variable] || fallback
    if (value === undefined) return { kind: 'unset', variable }
    result += value
  }
  return { kind: 'done', text: result + text.slice(end) }
}
