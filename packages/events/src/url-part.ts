/**
 * Any text as one part of a URL's path. Half of a surrogate pair, which JSON can hold and URLs can not, becomes the
 * replacement character; everything else comes back through `decodeURIComponent`.
 */
export function urlPart(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd'))
}
