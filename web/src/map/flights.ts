/**
 * Dots on their way: decoration, at most FLYERS at a time, along the lines of the scene. A fixed set of marks is moved by
 * the one frame scheduler, so a message makes no element and no layout.
 */

import { drawer } from '../frame';
import { store, type Message } from '../state/store';
import type { Channel } from '../wire';
import { FOLLOWED, senderOf, spoken } from './contents';
import { paintDot } from './dot';
import { placeOf } from './places';
import type { Vessel } from './scene';

export const FLYERS = 24;
const FLIGHT_MS = 200;
/** of a dot that flies */
const RADIUS = 11;
/** Where dots are a sample, one flies now and then, whatever the number of channels: each moving dot is a frame to draw. */
const SAMPLE_MS = 400;
/** What came and went between two ticks is seen to do one after the other. */
const THEN_MS = 120;

interface Flight {
  readonly channel: number;
  readonly sender: number;
  readonly number: number;
  readonly text: string;
  readonly line: Line;
  /** towards the vessel, to its place there, or 'edge' where messages have none of their own; else towards the process */
  readonly to: readonly [x: number, y: number] | 'edge' | null;
  starts: number;
  mark: SVGGElement | null;
}

class Flights {
  private host: HTMLElement | null = null;
  private marks: SVGGElement[] = [];
  private flights: Flight[] = [];
  /** steps of messages that have been seen, by channel */
  private readonly seen = new Map<number, Set<string>>();
  private readonly last = new Map<string, number>();
  /** when a dot of a channel too fast to follow flew last */
  private sampled = 0;
  private readonly landed = new Map<number, () => void>();
  private readonly frame = drawer((now) => this.draw(now));

  /** The scene in which dots fly, until the returned function is called. */
  attach(scene: HTMLElement): () => void {
    this.host = scene;
    this.marks = [...scene.querySelectorAll<SVGGElement>('.flyer')];
    return () => {
      this.host = null;
      this.marks = [];
      this.flights = [];
      this.seen.clear();
    };
  }

  /** Calls landed when a dot of that channel has arrived. */
  follow(channel: number, landed: () => void): () => void {
    this.landed.set(channel, landed);
    return () => {
      if (this.landed.get(channel) === landed) this.landed.delete(channel);
    };
  }

  /** True while that message flies towards its channel. */
  flying(channel: number, sender: number, number: number): boolean {
    return this.flights.some((f) => f.to !== null && f.channel === channel && f.sender === sender && f.number === number);
  }

  /** Lets what is new among these messages fly; first: all that is known already rests. */
  look(place: Vessel, channel: Channel, messages: readonly Message[], first: boolean): void {
    const before = this.seen.get(channel.id);
    const now = new Set<string>();
    const fresh: { readonly message: Message; readonly received: boolean }[] = [];
    // Of many a few are enough to choose from.
    for (const message of (channel.rate ?? 0) > FOLLOWED ? messages.slice(-FOLLOWED) : messages) {
      const key = `${message.sender}/${message.number}/${message.sentAt ?? 0}`;
      for (const received of [false, true]) {
        if (received ? message.receiver === null : !message.seen) continue;
        const step = received ? `${key}<` : key;
        now.add(step);
        if (before?.has(step) === false) fresh.push({ message, received });
      }
    }
    this.seen.set(channel.id, now);
    if (first || fresh.length === 0 || this.host === null || still() || document.hidden) return;
    const rate = channel.rate ?? 0;
    const time = performance.now();
    for (const { message, received } of fresh.slice(-FOLLOWED)) {
      const step = `${channel.id}${received ? '<' : '>'}`;
      // At high rates the dots are a sample.
      if (rate > FOLLOWED) {
        if (time - this.sampled < SAMPLE_MS || time - (this.last.get(step) ?? 0) < 1000 / FOLLOWED) continue;
        this.sampled = time;
      }
      this.last.set(step, time);
      this.launch(place, { ...message, sender: senderOf(channel, message) }, received, time);
    }
  }

  private launch(place: Vessel, message: Message, received: boolean, time: number): void {
    const process = received ? message.receiver : message.sender;
    if (this.flights.length >= FLYERS || process === null) return;
    const line = this.host?.querySelector<SVGPathElement>(`[data-line="c${place.id}:p${process}"]`);
    if (!line || typeof line.getTotalLength !== 'function') return;
    const both = received && this.flying(place.id, message.sender, message.number);
    const inside = store.channel(place.id).peek()?.depth ?? 1;
    const places = place.cells > 0 ? place.cells : place.kind === 'slim' ? 4 : 8;
    const [x, y] = placeOf(place, Math.min(Math.max(0, inside - 1), places - 1));
    this.flights.push({
      channel: place.id,
      sender: message.sender,
      number: message.number,
      text: message.text,
      line: measured(line),
      to: received ? null : place.cells === 0 && inside > places ? 'edge' : [place.x + x, place.y + y],
      starts: both ? time + FLIGHT_MS + THEN_MS : time,
      mark: null,
    });
    this.frame.mark();
  }

  private draw(now: number): void {
    const slow = store.control.peek().delay_ms > 0 || store.control.peek().paused;
    const landing: Flight[] = [];
    for (const flight of this.flights) {
      const t = (now - flight.starts) / FLIGHT_MS;
      if (t >= 1) {
        landing.push(flight);
        continue;
      }
      if (t < 0) continue;
      if (flight.mark === null) {
        flight.mark = this.marks.find((mark) => !mark.classList.contains('up')) ?? null;
        if (flight.mark === null) {
          landing.push(flight);
          continue;
        }
        flight.mark.classList.add('up');
        const [dot, label] = flight.mark.children;
        if (dot instanceof SVGElement) paintDot(dot, flight);
        if (label) label.textContent = slow ? spoken(flight.text) : '';
      }
      const eased = 1 - (1 - t) ** 2;
      const [x, y] = along(flight, eased);
      flight.mark.setAttribute('transform', `translate(${Math.round(x * 10) / 10} ${Math.round(y * 10) / 10})`);
    }
    for (const flight of landing) flight.mark?.classList.remove('up');
    this.flights = this.flights.filter((flight) => !landing.includes(flight));
    for (const id of new Set(landing.map((flight) => flight.channel))) this.landed.get(id)?.();
    if (this.flights.length > 0) this.frame.mark();
  }
}

/** A line as points: asking an SVG path for a point makes the browser lay out the page, in each frame anew. */
interface Line {
  readonly d: string;
  readonly length: number;
  /** x and y of STEPS + 1 points, evenly spaced */
  readonly points: Float64Array;
}
const STEPS = 24;
const lines = new WeakMap<SVGPathElement, Line>();

function measured(path: SVGPathElement): Line {
  const d = path.getAttribute('d') ?? '';
  const known = lines.get(path);
  if (known?.d === d) return known;
  const line: Line = { d, length: path.getTotalLength(), points: new Float64Array(2 * (STEPS + 1)) };
  for (let i = 0; i <= STEPS; i++) {
    const { x, y } = path.getPointAtLength((i / STEPS) * line.length);
    line.points.set([x, y], 2 * i);
  }
  lines.set(path, line);
  return line;
}

function pointAt({ length, points }: Line, way: number): readonly [number, number] {
  const at = Math.min(Math.max(0, (way / Math.max(1, length)) * STEPS), STEPS);
  const i = Math.min(Math.floor(at), STEPS - 1);
  const [x0 = 0, y0 = 0, x1 = 0, y1 = 0] = points.subarray(2 * i, 2 * i + 4);
  return [x0 + (x1 - x0) * (at - i), y0 + (y1 - y0) * (at - i)];
}

/** Along the line, and then on through the vessel to its place. */
function along({ line, to }: Flight, t: number): readonly [number, number] {
  const { length } = line;
  // Beside the card, not on it.
  const start = Math.min(RADIUS, length);
  if (to === null || to === 'edge') return pointAt(line, start + (to === null ? 1 - t : t) * (length - start));
  const [x, y] = pointAt(line, length);
  const rest = Math.hypot(to[0] - x, to[1] - y);
  const way = start + t * (length - start + rest);
  if (way <= length) return pointAt(line, way);
  const share = (way - length) / Math.max(1, rest);
  return [x + (to[0] - x) * share, y + (to[1] - y) * share];
}

const quiet = typeof matchMedia === 'function' ? matchMedia('(prefers-reduced-motion: reduce)') : null;
const still = (): boolean => quiet?.matches === true;

/** The map's one air space. */
export const flights = new Flights();
