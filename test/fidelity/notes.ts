/** What a library told its user, in the order in which it did; a test waits in it for what is to come. */
export class Notes<Note> {
  readonly all: Note[] = []
  readonly #waiting = new Set<() => void>()

  take(note: Note): void {
    this.all.push(note)
    for (const look of [...this.#waiting]) look()
  }

  /** Resolves with the `count`th note that fits, from the beginning on. Has no timeout of its own. */
  until(fits: (note: Note) => boolean, count = 1): Promise<Note> {
    return new Promise((resolve) => {
      const look = () => {
        const found = this.all.filter(fits)[count - 1]
        if (found === undefined) return
        this.#waiting.delete(look)
        resolve(found)
      }
      this.#waiting.add(look)
      look()
    })
  }
}
