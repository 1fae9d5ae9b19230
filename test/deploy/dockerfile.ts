import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { PROJECT } from './build-context.ts'

/** One instruction of a Dockerfile, its continuation lines joined and build arguments filled in. */
export interface Instruction {
  /** In capitals: `COPY`. */
  readonly keyword: string
  /** `--from=build --parents` as `{ from: 'build', parents: '' }`. */
  readonly flags: Readonly<Record<string, string>>
  /** What follows the flags. */
  readonly text: string
}

/** What stands from one `FROM` to the next. */
export interface Stage {
  readonly name: string | undefined
  readonly base: string
  readonly instructions: readonly Instruction[]
}

/** The two stages that each of our Dockerfiles has. */
export function stagesOf(name: string): readonly [build: Stage, final: Stage] {
  const stages = readDockerfile(join(PROJECT, `deploy/docker/${name}.Dockerfile`))
  const [build, final] = stages
  if (!build || !final || stages.length > 2) throw new Error(`${name}.Dockerfile has not two stages`)
  return [build, final]
}

/** Reads a Dockerfile, as far as ours go: no heredocs, no `ONBUILD`, `${…}` only for build arguments. */
function readDockerfile(file: string): readonly Stage[] {
  const args = new Map<string, string>()
  const stages: { name: string | undefined; base: string; instructions: Instruction[] }[] = []
  for (const line of logicalLines(readFileSync(file, 'utf8'))) {
    const instruction = readInstruction(line, args)
    if (instruction.keyword === 'ARG') setDefault(args, instruction.text)
    else if (instruction.keyword === 'FROM') stages.push(openStage(instruction.text))
    else stages.at(-1)?.instructions.push(instruction)
  }
  return stages
}

/** The exec form, `["node", "main.js"]`, as a list; undefined for the shell form. */
export function execForm(text: string): readonly string[] | undefined {
  return text.startsWith('[') ? (JSON.parse(text) as string[]) : undefined
}

/** `A=1 B="two words"` as pairs. */
export function readPairs(text: string): Readonly<Record<string, string>> {
  const pairs = [...text.matchAll(/([\w.]+)=(?:"([^"]*)"|(\S*))/g)]
  return Object.fromEntries(pairs.map(([, key = '', quoted, plain]) => [key, quoted ?? plain ?? '']))
}

function logicalLines(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('#'))
    .join('\n')
    .replaceAll(/\s*\\\n\s*/g, ' ')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function readInstruction(line: string, args: ReadonlyMap<string, string>): Instruction {
  const [, keyword = '', flagText = '', rest = ''] =
    /^(\w+)\s+((?:--[\w-]+(?:=\S+)?\s+)*)(.*)$/.exec(line) ?? []
  const flags = [...flagText.matchAll(/--([\w-]+)(?:=(\S+))?/g)].map(([, name = '', value = '']) => [
    name,
    value,
  ])
  const text = rest.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => args.get(name) ?? whole)
  return { keyword: keyword.toUpperCase(), flags: Object.fromEntries(flags), text: text.trim() }
}

function setDefault(args: Map<string, string>, text: string): void {
  const [name = '', value] = text.split('=')
  if (value !== undefined) args.set(name, value)
}

function openStage(text: string) {
  const [base = '', , name] = text.split(/\s+/)
  return { name, base, instructions: [] }
}
