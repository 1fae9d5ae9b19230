import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type JournalContent, readJournal } from './journal-record.ts'

/** Where journals lie, and whose they are: each deployment has its own in a folder that several use. */
export interface JournalPlace {
  readonly folder: string
  /** A name without a slash. */
  readonly deployment: string
}

/** Messages of people are in there. */
const OWNER_ONLY = { file: 0o600, folder: 0o700 }

/** So much is put together before it is written: what is long must not hold up everything else while it is encoded. */
const SLICE_BYTES = 256 * 1024

/** A file that one process appends to, for as long as nobody has taken it over by renaming it. */
export class JournalFile {
  readonly #path: string
  readonly #handle: FileHandle
  #bytes = 0
  /** How long it was when it held nothing but what it had to. */
  #leanBytes = 0

  private constructor(path: string, handle: FileHandle) {
    this.#path = path
    this.#handle = handle
  }

  /** A new file that holds these lines. On disk, name included, when this resolves. */
  static async create(place: JournalPlace, lines: Iterable<Buffer>): Promise<JournalFile> {
    await mkdir(place.folder, { recursive: true, mode: OWNER_ONLY.folder })
    const path = newPath(place)
    const handle = await open(path, 'ax', OWNER_ONLY.file)
    const file = new JournalFile(path, handle)
    try {
      await file.append(lines)
      file.#leanBytes = file.#bytes
      await file.sync()
      await syncFolder(place.folder)
      return file
    } catch (error) {
      await file.remove()
      throw error
    }
  }

  /** Whether it is past `floorBytes` and has grown so much that writing it anew costs less than it has saved. */
  isLong(floorBytes: number): boolean {
    return this.#bytes > Math.max(floorBytes, 3 * this.#leanBytes)
  }

  /** Takes the lines as it writes them. */
  async append(lines: Iterable<Buffer>): Promise<void> {
    let slice: Buffer[] = []
    let bytes = 0
    for (const line of lines) {
      slice.push(line)
      bytes += line.length
      if (bytes < SLICE_BYTES) continue
      await this.#write(slice)
      slice = []
      bytes = 0
    }
    if (slice.length > 0) await this.#write(slice)
  }

  /** Resolves when the disk has everything. */
  async sync(): Promise<void> {
    await this.#handle.datasync()
  }

  async empty(): Promise<void> {
    await this.#handle.truncate(0)
    this.#bytes = 0
    this.#leanBytes = 0
  }

  /** Whether it still lies under its name: else another process has read it, perhaps before the last append. */
  async isOurs(): Promise<boolean> {
    const [own, named] = await Promise.all([this.#handle.stat(), stat(this.#path).catch(() => undefined)])
    return named !== undefined && named.ino === own.ino && named.dev === own.dev
  }

  async #write(slice: readonly Buffer[]): Promise<void> {
    const bytes = Buffer.concat(slice)
    await this.#handle.appendFile(bytes)
    this.#bytes += bytes.length
  }

  /** Closes it, and deletes it unless it is another's by now. Never rejects: what is left is read at the next start. */
  async remove(): Promise<void> {
    const isOurs = await this.isOurs().catch(() => false)
    if (isOurs) await rm(this.#path, { force: true }).catch(() => {})
    await this.close()
  }

  async close(): Promise<void> {
    await this.#handle.close().catch(() => {})
  }
}

/** A file that another process has left, or still writes to: its records are this process's to publish now. */
export interface AdoptedFile extends JournalContent {
  /** Deletes it. Never rejects. */
  remove(): Promise<void>
}

/**
 * Takes over all journals of the deployment, oldest first. Each by renaming it, so that of several processes one gets it,
 * and its writer, should it live, finds out at its next record.
 */
export async function adoptAll(place: JournalPlace): Promise<readonly AdoptedFile[]> {
  const adopted: (AdoptedFile & { readonly writtenAt: number })[] = []
  for (const name of await namesIn(place)) {
    const path = newPath(place)
    if (!(await claim(join(place.folder, name), path))) continue
    const [bytes, { mtimeMs }] = await Promise.all([readFile(path), stat(path)])
    const remove = () => rm(path, { force: true }).catch(() => {})
    adopted.push({ ...readJournal(bytes), writtenAt: mtimeMs, remove })
  }
  return adopted.sort((a, b) => a.writtenAt - b.writtenAt)
}

async function namesIn({ folder, deployment }: JournalPlace): Promise<readonly string[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return names.filter((name) => /^(.+)\.[0-9a-f-]{36}\.journal$/.exec(name)?.[1] === deployment)
}

/** Whether it was there to be taken. */
async function claim(from: string, to: string): Promise<boolean> {
  try {
    await rename(from, to)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

function newPath({ folder, deployment }: JournalPlace): string {
  return join(folder, `${deployment}.${randomUUID()}.journal`)
}

/** A file's name is in its folder, which is written to disk apart from it. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
