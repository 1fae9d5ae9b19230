import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { onTestFinished } from 'vitest'

export interface FakeMachine {
  /** A PATH that holds only the fake programs. */
  readonly env: { readonly PATH: string }
  readonly folder: string
  /** Every program called, with its arguments, appended as it happens. */
  readonly callsFile: string
  readonly log: (line: string) => void
  readonly lines: string[]
}

/** A machine on which only these shell scripts exist. `$CALLS` is where each call is noted. */
export async function fakeMachine(programs: Readonly<Record<string, string>>): Promise<FakeMachine> {
  const root = await mkdtemp(join(tmpdir(), 'holdfast-fake-machine-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  const bin = join(root, 'bin')
  const callsFile = join(root, 'calls')
  await mkdir(bin)
  await writeFile(callsFile, '')
  for (const [name, body] of Object.entries(programs)) {
    const script = `#!/bin/sh\nBIN=${bin}\nCALLS=${callsFile}\necho "${name} $*" >>"$CALLS"\n${body}\n`
    await writeFile(join(bin, name), script)
    await chmod(join(bin, name), 0o755)
  }
  const lines: string[] = []
  return { env: { PATH: bin }, folder: join(root, 'kept'), callsFile, lines, log: (line) => lines.push(line) }
}
