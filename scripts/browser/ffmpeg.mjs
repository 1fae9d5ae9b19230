import { rename } from 'node:fs/promises'
import { installPackages, runProgram, thisMachine } from './debian.mjs'

const FILM_MS = 180_000

/**
 * Resolves when there is an ffmpeg on the PATH, installed as root on a Debian where there was none. Rejects with one
 * line that says how to get one.
 */
export async function obtainFfmpeg(machine = thisMachine()) {
  const isThere = async () => (await runProgram('ffmpeg', ['-version'], machine)).code === 0
  if (await isThere()) return
  if ((await installPackages(['ffmpeg'], machine)) && (await isThere())) return
  const install = machine.platform === 'darwin' ? 'brew install ffmpeg' : 'sudo apt-get install ffmpeg'
  throw new Error(`no ffmpeg on this machine; type \`${install}\``)
}

/**
 * A picture of a page needs no more than 256 colours: makes the file a third of its size.
 * @param {string} file a PNG; replaced
 */
export async function shrink(file) {
  const smaller = `${file}.small.png`
  const palette = 'split[a][b];[a]palettegen=max_colors=256[p];[b][p]paletteuse=dither=none'
  await ffmpeg(['-i', file, '-vf', palette, '-pix_fmt', 'pal8', smaller])
  await rename(smaller, file)
}

/**
 * Puts pictures together to an animated GIF that repeats for ever.
 * @param {string} list a file for ffmpeg's concat demuxer: pictures, and how long each is shown
 * @param {string} film
 * @param {{ width: number, framesPerSecond: number, colours: number }} size
 */
export async function animate(list, film, { width, framesPerSecond, colours }) {
  const frames = `fps=${framesPerSecond},scale=${width}:-1:flags=lanczos`
  const palette = `split[a][b];[a]palettegen=max_colors=${colours}:stats_mode=diff[p];[b][p]paletteuse=dither=none:diff_mode=rectangle`
  await ffmpeg(['-f', 'concat', '-safe', '0', '-i', list, '-vf', `${frames},${palette}`, '-loop', '0', film])
}

/** @param {readonly string[]} args */
async function ffmpeg(args) {
  const { env } = thisMachine()
  const command = ['-y', '-loglevel', 'error', ...args]
  const { code, stderr } = await runProgram('ffmpeg', command, { env, timeoutMs: FILM_MS })
  if (code !== 0) throw new Error(`ffmpeg failed: ${stderr.trim()}`)
}
