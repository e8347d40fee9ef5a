/** Output of many processes as lines, in the order in which it came. Plain data; the consoles draw it. */
import { logTexts } from '../i18n/log';
import { bytes } from '../i18n/numbers';
import type { OutputEvent, TreeEvent } from '../wire';
import { literal } from './literal';

export interface ConsoleLine {
  /** never reused, rises */
  readonly key: number;
  readonly id: number;
  readonly pid: number;
  readonly stream: OutputEvent['stream'];
  /** already literal */
  text: string;
}

/** Lines that are kept. */
export const KEPT_LINES = 5000;

/** A longer line is broken: the page stays quick whatever a process writes. */
export const LONGEST = 2000;

export class ConsoleLines {
  readonly lines: ConsoleLine[] = [];
  private seen = 0;
  private key = 0;
  /** the line that the newest output did not end yet */
  private open: ConsoleLine | undefined;

  /** Takes in what is new in the log; true if it changed the lines. A log that starts anew clears them. */
  take(events: readonly TreeEvent[]): boolean {
    const newest = events.at(-1)?.seq ?? 0;
    let changed = false;
    if (newest < this.seen) {
      this.lines.length = 0;
      this.open = undefined;
      this.seen = 0;
      changed = true;
    }
    for (const event of events) {
      if (event.seq <= this.seen || event.kind !== 'output') continue;
      this.add(event);
      changed = true;
    }
    this.seen = Math.max(this.seen, newest);
    if (this.lines.length > KEPT_LINES) this.lines.splice(0, this.lines.length - KEPT_LINES);
    return changed;
  }

  private add(event: OutputEvent): void {
    if (event.skipped !== undefined && event.skipped > 0) {
      this.open = undefined;
      this.start(event, logTexts().skipped(bytes(event.skipped)));
      this.open = undefined;
    }
    const pieces = literal(event.text).split('\n');
    pieces.forEach((piece, i) => {
      const last = i === pieces.length - 1;
      if (last && piece === '') this.open = undefined;
      else this.write(event, piece);
      if (!last) this.open = undefined;
    });
  }

  /** Goes on in the open line if it is of the same process and stream, else starts one. */
  private write(event: OutputEvent, text: string): void {
    let rest = text;
    const open = this.open;
    if (open !== undefined && open.id === event.id && open.stream === event.stream) {
      const room = LONGEST - open.text.length;
      open.text += rest.slice(0, room);
      rest = rest.slice(room);
      if (rest === '') return;
    }
    do {
      this.start(event, rest.slice(0, LONGEST));
      rest = rest.slice(LONGEST);
    } while (rest !== '');
  }

  private start(event: OutputEvent, text: string): void {
    this.open = { key: ++this.key, id: event.id, pid: event.pid, stream: event.stream, text };
    this.lines.push(this.open);
  }
}
