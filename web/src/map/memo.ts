import { Component, createElement, type FunctionComponent, type VNode } from 'preact';

/** Renders again only when a property is another one: preact/compat has this too, and 4 kB that are not needed. */
export function memo<P extends object>(render: FunctionComponent<P>): FunctionComponent<P> {
  class Memo extends Component<P> {
    override shouldComponentUpdate(next: P): boolean {
      const before = this.props as Record<string, unknown>;
      return Object.entries(next).some(([name, value]) => before[name] !== value);
    }
    render(): VNode<P> {
      return createElement<P>(render, this.props);
    }
  }
  return Memo as unknown as FunctionComponent<P>;
}
