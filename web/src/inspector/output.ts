/** What one process wrote: what the server kept, then each piece as it comes. Plain data. */
import type { Output } from '../state/api';
import type { OutputEvent, TreeEvent } from '../wire';

export interface Piece {
  readonly stream: OutputEvent['stream'];
  readonly text: string;
}

/** Characters that are kept, of both streams together. */
export const KEPT_CHARACTERS = 128 * 1024;

/**
 * The server's answer and the events after it. asked: the last event seen when the answer was asked for; until: when it
 * was there. What came between may stand in the answer already: then it is not told twice.
 */
export function outputOf(answer: Output, id: number, events: readonly TreeEvent[], asked: number, until: number): readonly Piece[] {
  const later = events.filter((event): event is OutputEvent => event.kind === 'output' && event.id === id && event.seq > asked);
  const pieces: Piece[] = [];
  const rest = new Map<OutputEvent['stream'], number>();
  for (const stream of ['stdout', 'stderr'] as const) {
    if (answer[stream] !== '') pieces.push({ stream, text: answer[stream] });
    const told = later.filter((event) => event.stream === stream && event.seq <= until).map((event) => event.text);
    rest.set(stream, overlap(answer[stream], told.join('')));
  }
  for (const { stream, text } of later) {
    const known = rest.get(stream) ?? 0;
    rest.set(stream, Math.max(0, known - text.length));
    if (known < text.length) pieces.push({ stream, text: text.slice(known) });
  }
  return trim(join(pieces), KEPT_CHARACTERS);
}

/** Length of the longest beginning of next with which before ends. */
export function overlap(before: string, next: string): number {
  for (let n = Math.min(before.length, next.length); n > 0; n--) {
    if (before.endsWith(next.slice(0, n))) return n;
  }
  return 0;
}

function join(pieces: readonly Piece[]): Piece[] {
  const joined: Piece[] = [];
  for (const piece of pieces) {
    const last = joined.at(-1);
    if (last?.stream === piece.stream) joined[joined.length - 1] = { stream: piece.stream, text: last.text + piece.text };
    else joined.push(piece);
  }
  return joined;
}

function trim(pieces: readonly Piece[], limit: number): readonly Piece[] {
  let room = limit;
  const kept: Piece[] = [];
  for (const piece of [...pieces].reverse()) {
    if (room <= 0) break;
    kept.unshift({ stream: piece.stream, text: piece.text.slice(-room) });
    room -= piece.text.length;
  }
  return kept;
}
