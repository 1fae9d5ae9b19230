import { Component, type FunctionComponent, h } from 'preact'

/** The same component, drawn again only when one of its properties is another object or value. */
export function memo<Props extends object>(component: FunctionComponent<Props>): FunctionComponent<Props> {
  class Memo extends Component<Props> {
    override shouldComponentUpdate(next: Readonly<Props>): boolean {
      const keys = new Set([...Object.keys(this.props), ...Object.keys(next)]) as Set<keyof Props>
      return [...keys].some((key) => this.props[key] !== next[key])
    }
    override render(props: Props) {
      return h(component, props)
    }
  }
  return Memo as unknown as FunctionComponent<Props>
}
