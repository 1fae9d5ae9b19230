import { clearLine, createInterface, cursorTo } from 'node:readline'

export interface PromptOptions {
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly onLine: (line: string) => void
  /** Ctrl-C. */
  readonly onInterrupt: () => void
}

/** The terminal: lines come in, and others can be printed while one is being typed. */
export interface Prompt {
  print(line: string): void
  close(): void
}

/** Without a terminal, lines are still read and nothing is prompted; the end of the input is not the end of the demo. */
export function openPrompt({ input, output, onLine, onInterrupt }: PromptOptions): Prompt {
  const interactive = Boolean(input.isTTY && output.isTTY)
  const reader = createInterface({ input, ...(interactive ? { output, prompt: '> ' } : {}) })
  reader.on('line', (line) => {
    onLine(line.trim())
    if (interactive) reader.prompt()
  })
  reader.on('SIGINT', onInterrupt)
  if (interactive) reader.prompt()
  return {
    print(line) {
      if (interactive) {
        clearLine(output, 0)
        cursorTo(output, 0)
      }
      output.write(`${line}\n`)
      if (interactive) reader.prompt(true)
    },
    close: () => reader.close(),
  }
}
