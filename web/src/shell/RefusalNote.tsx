import type { JSX } from 'preact';
import { refusal, type Spot } from '../state/actions';

/** The server's sentence about what was asked here, shown where the eye is. With id: only if it is about that one. */
export function RefusalNote({ spot, id }: { readonly spot: Spot; readonly id?: number }): JSX.Element {
  const r = refusal.value;
  const mine = r !== null && r.spot === spot && (id === undefined || r.id === id);
  return <div role="alert">{mine && <p class="refusal">{r.sentence}</p>}</div>;
}
