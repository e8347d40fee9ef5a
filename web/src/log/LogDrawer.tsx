import type { JSX } from 'preact';

export function LogDrawer(): JSX.Element | null {
  return null;
}
