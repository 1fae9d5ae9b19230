import { expect, inject, test } from 'vitest'
import { launchChromium } from '../../scripts/browser/launch.mjs'
import { faintTexts } from './contrast.ts'

const chromium = inject('chromium')

const PAGE = `<body style="background: #fff; color: #000">
  <p>plain</p>
  <p style="color: #777">a little faint</p>
  <p style="color: #0006">half gone</p>
  <p style="color: oklch(0.95 0 0); background: #000">light on dark</p>
  <div style="background: #000"><p style="background: #ffffff80; color: #fff">on a veil</p></div>
  <h1 style="color: #777; font-size: 24px">large</h1>
  <button disabled style="color: #ccc; background: #fff">off</button>
  <p style="visibility: hidden; color: #fff">not seen</p>
</body>`

test.skipIf(!chromium)('texts are as faint as they look: veils, mixed colours and sizes count', async () => {
  const browser = await launchChromium(chromium ?? '')
  try {
    const page = await browser.newPage()
    await page.setContent(PAGE)
    const texts = (await faintTexts(page)).map(({ text }) => text)
    expect(texts).toEqual(['a little faint', 'half gone', 'on a veil'])
  } finally {
    await browser.close()
  }
})
