// `npm run pictures`: makes the pictures in docs/pictures anew, from a running demo in Chromium. With `--look`, a wider
// set for reviewers in .holdfast/pictures instead.
import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { argv } from 'node:process'
import { obtainChromium } from './browser/chromium.mjs'
import { demoCommand, startDemo } from './browser/demo-process.mjs'
import { animate, obtainFfmpeg } from './browser/ffmpeg.mjs'
import { Camera } from './browser/film.mjs'
import { pictureFonts } from './browser/fonts.mjs'
import { launchChromium } from './browser/launch.mjs'
import { takeLooks } from './browser/look.mjs'
import { takeChat, takeConsole } from './browser/stills.mjs'
import { playStory } from './browser/story.mjs'
import { Studio } from './browser/studio.mjs'
import { ROOT, setUp } from './setup.mjs'

const WORK = join(ROOT, '.holdfast/pictures')
/** The size of the film, in pixels of the README. */
const FILM = { width: 1200, framesPerSecond: 8, colours: 96 }

await setUp()
try {
  await obtainFfmpeg()
  await photograph(await programOrThrow())
} catch (error) {
  console.error(`holdfast: ${String(error).split('\n', 1)[0]}`)
  process.exitCode = 1
}

async function programOrThrow() {
  const chromium = await obtainChromium()
  if (!chromium.found) throw new Error(`pictures are taken in a browser: ${chromium.advice}`)
  return chromium.program
}

/** @param {string} program a Chromium */
async function photograph(program) {
  const browser = await launchChromium(program, await pictureFonts(join(WORK, 'fonts')))
  const isLook = argv.includes('--look')
  const folder = isLook ? join(WORK, 'look') : join(ROOT, 'docs/pictures')
  await rm(folder, { recursive: true, force: true })
  await mkdir(folder, { recursive: true })
  try {
    // Each begins where nobody has said anything yet.
    for (const shoot of isLook ? [look] : [film, stills]) await withDemo(browser, folder, shoot)
  } finally {
    await browser.close()
  }
}

/**
 * @param {import('playwright-core').Browser} browser
 * @param {string} folder
 * @param {(studio: Studio) => Promise<void>} shoot
 */
async function withDemo(browser, folder, shoot) {
  const demo = startDemo(demoCommand(ROOT), { cwd: ROOT })
  try {
    await shoot(new Studio(browser, await demo.address, folder))
  } finally {
    await demo.stop()
  }
}

/** @param {Studio} studio */
async function film(studio) {
  const chat = await studio.open('film', { scale: 1 })
  const camera = new Camera(chat.page, join(WORK, 'film'))
  await playStory(chat)
  const file = join(studio.folder, 'chat.gif')
  await animate(await camera.stop(), file, FILM)
  await chat.page.context().close()
  console.log(`holdfast: ${file}`)
}

/** @param {Studio} studio */
async function stills(studio) {
  await takeChat(studio)
  await takeConsole(studio)
}

/** @param {Studio} studio */
async function look(studio) {
  await takeLooks(studio)
  await takeConsole(studio)
}
