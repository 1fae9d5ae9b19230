/** A colour of tokens.css as the theme means it, for a canvas, which knows neither custom properties nor `light-dark()`. */
export type ResolveColour = (name: string) => string

/** Looks colours up where `element` stands. They are those of now: another theme has others. */
export function coloursOf(element: HTMLElement): ResolveColour {
  const known = new Map<string, string>()
  return (name) => {
    const colour = known.get(name) ?? lookUp(element, name)
    known.set(name, colour)
    return colour
  }
}

/** The same colour, seen through. `colour` is as browsers compute them: `rgb(1, 2, 3)`. */
export function faded(colour: string, percent: number): string {
  return `rgb(from ${colour} r g b / ${percent}%)`
}

function lookUp(element: HTMLElement, name: string): string {
  const probe = document.createElement('span')
  probe.style.color = `var(${name})`
  element.append(probe)
  const { color } = getComputedStyle(probe)
  probe.remove()
  return color
}
