import '@holdfast/ui/style.css'
import './console.css'
import { render } from 'preact'
import { ConsolePage } from './console-page.tsx'
import { openFleet } from './fleet.ts'

const root = document.getElementById('page')
if (root) render(<ConsolePage fleet={openFleet()} />, root)
