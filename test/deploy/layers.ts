import { spawn } from 'node:child_process'
import { cpSync, mkdirSync, readdirSync, statSync } from 'node:fs'
import { basename, join, relative } from 'node:path'
import { env } from 'node:process'
import type { Instruction } from './dockerfile.ts'

/** What `COPY` takes from: the build context, or the files of an earlier stage. */
export type CopySources = (from: string | undefined) => string

/** Stands for the network of an `npm ci` that did not get through. */
export class RegistryAway extends Error {}

const NETWORK = /\b(EAI_AGAIN|ENOTFOUND|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH)\b/

/** A file system in the making: instructions act on the folder `root` as Docker's act on `/`. */
export class Layers {
  readonly root: string
  readonly #variables: Record<string, string> = {}
  #workdir = '/'

  constructor(root: string) {
    this.root = root
  }

  get workdir(): string {
    return this.#workdir
  }

  /** The same state over another folder. */
  over(root: string): Layers {
    const other = new Layers(root)
    other.#workdir = this.#workdir
    Object.assign(other.#variables, this.#variables)
    return other
  }

  /** Rejects with what the step said; with `RegistryAway` where only the network was missing. */
  async apply(instruction: Instruction, variables: Readonly<Record<string, string>>, sources: CopySources) {
    Object.assign(this.#variables, variables)
    if (instruction.keyword === 'WORKDIR') this.#enter(instruction.text)
    if (instruction.keyword === 'COPY') this.#copy(instruction, sources(instruction.flags.from))
    if (instruction.keyword === 'RUN') await this.#run(instruction.text)
  }

  #enter(folder: string): void {
    this.#workdir = folder
    mkdirSync(join(this.root, folder), { recursive: true })
  }

  #copy({ flags, text }: Instruction, source: string): void {
    const paths = text.split(/\s+/)
    const target = join(this.root, this.#workdir, paths.at(-1) ?? '')
    for (const path of paths.slice(0, -1)) copyInto(target, source, path, 'parents' in flags)
  }

  async #run(command: string): Promise<void> {
    const child = spawn('sh', ['-c', command], {
      cwd: join(this.root, this.#workdir),
      // Nothing of the test's own surroundings, as in a container.
      env: { PATH: env.PATH, HOME: env.HOME, npm_config_prefer_offline: 'true', ...this.#variables },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk))
    const code = await new Promise((resolve) => child.on('close', resolve))
    if (code === 0) return
    throw new (NETWORK.test(said) ? RegistryAway : Error)(`RUN ${command} ended with ${code}:\n${said}`)
  }
}

/** One source of a `COPY`, which may hold `*` and, with `--parents`, a `/./` from which on its folders are kept. */
function copyInto(target: string, source: string, path: string, withParents: boolean): void {
  const pivot = path.includes('/./') ? path.slice(0, path.indexOf('/./')) : ''
  const found = matches(source, path.replace('/./', '/'))
  if (found.length === 0) throw new Error(`COPY: ${path} is not there`)
  for (const file of found) {
    const isFolder = statSync(file).isDirectory()
    const into = withParents ? relative(join(source, pivot), file) : isFolder ? '.' : basename(file)
    cpSync(file, join(target, into), { recursive: true, verbatimSymlinks: true })
  }
}

function matches(folder: string, path: string): readonly string[] {
  return path
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .reduce((found: readonly string[], part) => found.flatMap((at) => entries(at, part)), [folder])
}

function entries(folder: string, part: string): readonly string[] {
  if (!statSync(folder).isDirectory()) return []
  const pattern = new RegExp(`^${part.replaceAll('.', '\\.').replaceAll('*', '.*')}$`)
  return readdirSync(folder)
    .filter((name) => pattern.test(name))
    .map((name) => join(folder, name))
}
