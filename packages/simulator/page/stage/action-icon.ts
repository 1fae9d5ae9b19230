import { CirclePause, type IconNode, Rocket, RotateCw, Skull, Zap } from 'lucide'

const ICONS: Readonly<Record<string, IconNode>> = {
  'kill-worker': Skull,
  roll: Rocket,
  'restart-gateway': RotateCw,
  'pause-redis': CirclePause,
}

/** The icon of an action; actions that the page does not know have one for all. */
export function actionIcon(action: string): IconNode {
  return ICONS[action] ?? Zap
}
