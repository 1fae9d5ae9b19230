// `npm run pictures`: makes the pictures in docs/pictures anew, from a running demo in Chromium. With `--look`, a wider
// set for reviewers in .holdfast/pictures instead.
import { join } from 'node:path'
import { argv } from 'node:process'
import { obtainChromium } from './browser/chromium.mjs'
import { demoCommand, startDemo } from './browser/demo-process.mjs'
import { animate, obtainFfmpeg } from './browser/ffmpeg.mjs'
import { Camera } from './browser/film.mjs'
import { pictureFonts } from './browser/fonts.mjs'
import { launchChromium } from './browser/launch.mjs'
import { takeLooks } from './browser/look.mjs'
import { takeStills } from './browser/stills.mjs'
import { playStory } from './browser/story.mjs'
import { Studio } from './browser/studio.mjs'
import { ROOT, setUp } from './setup.mjs'

const WORK = join(ROOT, '.holdfast/pictures')
/** The size of the film, in pixels of the README. */
const FILM = { width: 1000, framesPerSecond: 8, colours: 96 }

await setUp()
try {
  await obtainFfmpeg()
  await photograph(await programOrThrow())
} catch (error) {
  console.error(`holdfast: ${error instanceof Error ? error.message : error}`)
  process.exitCode = 1
}

async function programOrThrow() {
  const chromium = await obtainChromium()
  if (!chromium.found) throw new Error(`pictures are taken in a browser: ${chromium.advice}`)
  return chromium.program
}

/** @param {string} program a Chromium */
async function photograph(program) {
  const demo = startDemo(demoCommand(ROOT), { cwd: ROOT })
  const browser = await launchChromium(program, await pictureFonts(join(WORK, 'fonts')))
  try {
    const address = await demo.address
    if (argv.includes('--look')) return await look(new Studio(browser, address, join(WORK, 'look')))
    const studio = new Studio(browser, address, join(ROOT, 'docs/pictures'))
    await studio.clear()
    await film(studio)
    await takeStills(studio)
  } finally {
    await browser.close()
    await demo.stop()
  }
}

/** @param {Studio} studio */
async function look(studio) {
  await studio.clear()
  await takeLooks(studio)
}

/**
 * First, while nobody has said anything yet.
 * @param {Studio} studio
 */
async function film(studio) {
  const chat = await studio.open('desk', { scale: 1 })
  const camera = new Camera(chat.page, join(WORK, 'film'))
  await playStory(chat)
  const file = join(studio.folder, 'chat.gif')
  await animate(await camera.stop(), file, FILM)
  await chat.page.context().close()
  console.log(`holdfast: ${file}`)
}
