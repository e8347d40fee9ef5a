import type { JSX } from 'preact';

export function ConsoleDrawer(): JSX.Element | null {
  return null;
}
