import { mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { runCommand } from '../command.ts'
import {
  firstLine,
  type ServerProgram,
  type ServerSource,
  type SourceContext,
  verifyProgram,
} from '../server-program.ts'
import { packagesToFetch } from './debian-packages.ts'

/** Server packages, the wanted one first: releases differ in which they have. */
const SERVERS = ['redis-server', 'valkey-server'] as const
const UPDATE_MS = 180_000
const FETCH_MS = 120_000

/**
 * The distribution's own package, fetched by apt (which checks its signature) and unpacked into `folder`: needs no root
 * where package lists exist, installs nothing, starts no service. Kept between runs; `rm -r` of the folder removes it.
 */
export const fromDebianPackage: ServerSource = async (context) => {
  const root = join(context.folder, 'package')
  const kept = await unpackedServer(root, context)
  if (kept) return kept
  if ((await runCommand('dpkg', ['--version'], context)).code !== 0) return undefined
  const server = await knownServer(context)
  if (!server || !(await fetchAndUnpack(server, root, context))) return undefined
  return unpackedServer(root, context)
}

/** The unpacked server, if one is there and runs. */
async function unpackedServer(root: string, context: SourceContext): Promise<ServerProgram | undefined> {
  const libraries = await libraryFolders(root)
  if (!libraries) return undefined
  const path = [...libraries, context.env.LD_LIBRARY_PATH].filter(Boolean).join(':')
  const env = { ...context.env, LD_LIBRARY_PATH: path }
  for (const server of SERVERS) {
    const program = await verifyProgram(join(root, 'usr/bin', server), 'unpacked package', env, context.log)
    if (program) return program
  }
  return undefined
}

/** `usr/lib/<architecture>` and `lib/<architecture>` of the unpacked packages; undefined when nothing is unpacked. */
async function libraryFolders(root: string): Promise<string[] | undefined> {
  const found: string[] = []
  for (const folder of ['usr/lib', 'lib']) {
    const names = await readdir(join(root, folder)).catch(() => [])
    found.push(...names.filter((name) => name.includes('-linux-')).map((name) => join(root, folder, name)))
  }
  const programs = await readdir(join(root, 'usr/bin')).catch(() => undefined)
  return programs && found
}

/** Which server package apt knows. Reads the package lists first where there are none and we may. */
async function knownServer(context: SourceContext): Promise<string | undefined> {
  const known = await firstKnown(context)
  if (known) return known
  if (process.getuid?.() !== 0) {
    context.log(
      'apt knows no redis-server; where its lists were never read, `sudo apt-get update` helps; looking further',
    )
    return undefined
  }
  context.log('reading the package lists (apt-get update) …')
  const update = await runCommand('apt-get', ['update', '-qq'], { ...context, timeoutMs: UPDATE_MS })
  if (update.code !== 0) context.log(`apt-get update failed: ${firstLine(update.stderr)}`)
  return firstKnown(context)
}

async function firstKnown({ env }: SourceContext): Promise<string | undefined> {
  for (const server of SERVERS) {
    const shown = await runCommand('apt-cache', ['show', '--no-all-versions', server], { env })
    if (shown.code === 0 && shown.stdout.includes('Version:')) return server
  }
  return undefined
}

/** Unpacks beside `root` and renames, so that a half-unpacked folder is never taken for a whole one. */
async function fetchAndUnpack(server: string, root: string, context: SourceContext): Promise<boolean> {
  await mkdir(context.folder, { recursive: true })
  const work = await mkdtemp(join(context.folder, 'fetch-'))
  try {
    const packages = await packagesToFetch(server, context.env)
    context.log(`fetching ${packages.join(', ')} into ${context.folder} (a few MB, nothing is installed) …`)
    if (!(await download(packages, work, context)) || !(await unpack(work, context))) return false
    // Another process may have been faster, and its server may run already.
    if (await unpackedServer(root, context)) return true
    await rm(root, { recursive: true, force: true })
    await rename(join(work, 'root'), root)
    return true
  } finally {
    await rm(work, { recursive: true, force: true })
  }
}

async function download(packages: readonly string[], work: string, context: SourceContext): Promise<boolean> {
  // As root, apt fetches as the user _apt, who can't write here; the signature is checked either way.
  const sandbox = ['-o', 'APT::Sandbox::User=root']
  const options = { env: context.env, cwd: work, timeoutMs: FETCH_MS }
  const fetched = await runCommand('apt-get', ['download', '-qq', ...sandbox, ...packages], options)
  if (fetched.code !== 0)
    context.log(`apt-get download failed: ${firstLine(fetched.stderr)}; looking further`)
  return fetched.code === 0
}

async function unpack(work: string, context: SourceContext): Promise<boolean> {
  const archives = (await readdir(work)).filter((name) => name.endsWith('.deb'))
  for (const archive of archives) {
    const unpacked = await runCommand('dpkg', ['-x', join(work, archive), join(work, 'root')], context)
    if (unpacked.code !== 0) {
      context.log(`dpkg -x ${archive} failed: ${firstLine(unpacked.stderr)}; looking further`)
      return false
    }
  }
  return archives.length > 0
}
