import type { JSX } from 'preact';

export function TableView(): JSX.Element | null {
  return null;
}
