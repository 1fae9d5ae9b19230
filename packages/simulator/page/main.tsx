import '@holdfast/ui/style.css'
import { render } from 'preact'
import { Page } from './page.tsx'
import { openPage, PageContext } from './page-store.ts'

const root = document.getElementById('page')
if (root) {
  render(
    <PageContext.Provider value={openPage('/page/feed')}>
      <Page />
    </PageContext.Provider>,
    root,
  )
}
