import type { JSX } from 'preact';
import { numbers } from './numbers';
import './badge.css';

/** The hue of a process that has a number among its alike siblings, always with that number; nothing for the others. */
export function Chip({ id }: { readonly id: number }): JSX.Element | null {
  const number = numbers.value.get(id);
  return number === undefined ? null : <ChipMark number={number} />;
}

/** The same for a number that is known already. */
export function ChipMark({ number }: { readonly number: number }): JSX.Element {
  return (
    <span class="chip" data-hue={(number - 1) % 8}>
      {number}
    </span>
  );
}
