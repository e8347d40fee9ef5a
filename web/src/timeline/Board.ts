/**
 * The strip under the hand: which stretch of time and which lane, by pointer, wheel, fingers and keys. Draws in the
 * page's frames, only the lanes that are in sight.
 */
import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { drawer, type Drawer } from '../frame';
import { clock, duration, percent } from '../i18n/numbers';
import { timelineTexts } from '../i18n/timeline';
import { endOf, clockMs } from '../log/story';
import { phone } from '../shell/phone';
import { select, selectChannel } from '../state/actions';
import { CELL_MS, cellAt, cellOf, type Lane } from '../state/lanes';
import { store } from '../state/store';
import { theme } from '../state/theme';
import { arrowsOf, channelsOf } from './arrows';
import { addLane, LANE, noBlocks, PITCH } from './blocks';
import { arrowAt, clear, drawArrows, drawAxis, drawBlocks, drawCursor, drawLanes, heightOf, TOP, type ArrowMark, type LaneMark, type Plot } from './draw';
import { inksOf, type Inks } from './inks';
import { whatOf } from './intervals';
import { orderOf } from './order';
import { pan, rightOf, stepOf, ticksOf, zoom } from './span';
import { keepNumbers, laneName, span } from './view';

/** A press that moves less than this, px, is a click. */
const SLOP = 5;
const ZOOM = 1.5;
/** So many arrows can carry their numbers. */
const NUMBERED = 24;

/** Makes the effect run again when any of them changes. */
const read = (...signals: readonly ReadonlySignal<unknown>[]): readonly unknown[] => signals.map((one) => one.value);

export interface Tip {
  readonly x: number;
  readonly y: number;
  readonly name: string;
  readonly when: string;
  readonly what: string;
  readonly shares: string;
}

interface Press {
  readonly pointer: number;
  readonly x: number;
  /** the lane, or the message's channel, that was under it when it began */
  readonly id: number | null;
  readonly channel: number | null;
  readonly right: number;
  dragging: boolean;
}

export class Board {
  /** what is pointed at, in words */
  readonly tip = signal<Tip | null>(null);
  /** what the keyboard came upon: to be read out */
  readonly spoken = signal('');
  /** nothing ran in the stretch that is in sight */
  readonly empty = signal(false);
  private lanes: readonly Lane[] = [];
  /** pointed at: a lane, and a place on the screen or, by the keyboard, a cell */
  private cursor: { readonly id: number; readonly x: number | null; readonly cell: number } | null = null;
  private press: Press | null = null;
  /** as they were drawn last */
  private arrows: readonly ArrowMark[] = [];
  private readonly fingers = new Map<number, { readonly x: number; readonly y: number }>();
  private readonly context: CanvasRenderingContext2D;
  private ratio = 1;
  private inks: Inks | null = null;
  private room = 0;
  private readonly frame: Drawer = drawer(() => this.draw());
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly box: HTMLElement,
    private readonly canvas: HTMLCanvasElement,
    private readonly spacer: HTMLElement,
  ) {
    const context = canvas.getContext('2d');
    if (context === null) throw new Error('this browser has no canvas');
    this.context = context;
    const on = <K extends keyof HTMLElementEventMap>(type: K, act: (event: HTMLElementEventMap[K]) => void, passive = true): void => {
      box.addEventListener(type, act, { passive });
      this.stops.push(() => box.removeEventListener(type, act));
    };
    on('pointerdown', (event) => this.down(event));
    on('pointermove', (event) => this.move(event));
    on('pointerup', (event) => this.up(event));
    on('pointercancel', (event) => this.let(event));
    on('pointerleave', () => this.point(null));
    on('wheel', (event) => this.wheel(event), false);
    on('scroll', () => this.frame.mark());
    on('blur', () => this.point(null));
    on('keydown', (event) => this.key(event), false);
    const sizes = new ResizeObserver(() => this.frame.mark());
    sizes.observe(box);
    this.stops.push(() => sizes.disconnect());
    this.stops.push(
      effect(() => {
        read(theme);
        this.inks = null;
        this.frame.mark();
      }),
      effect(() => {
        // What stands still is drawn again only when somebody moves it.
        if (span.value.right === null || this.lanes.length === 0) read(store.values, store.flow);
        this.frame.mark();
      }),
      effect(() => {
        read(store.selected, store.selectedChannel, store.control, phone);
        this.frame.mark();
      }),
      effect(() => {
        const id = store.selected.value;
        if (id !== null) this.reveal(id);
      }),
    );
    void document.fonts.ready.then(() => this.frame.mark());
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    this.frame.dispose();
  }

  zoomBy(factor: number): void {
    const plot = this.plot();
    const { cursor } = this;
    // About what the keyboard points at, else about the newest.
    const x = cursor === null ? plot.right : (cursor.x ?? this.xOf((cursor.cell + 0.5) * CELL_MS, plot));
    span.value = zoom(span.value, factor, Math.min(1, Math.max(0, (x - plot.left) / (plot.right - plot.left))), store.at);
  }

  /** Brings the lane of that process into sight. */
  private reveal(id: number): void {
    const at = this.lanes.findIndex((lane) => lane.id === id);
    if (at < 0) return;
    const top = at * PITCH;
    const bottom = top + PITCH + TOP - (this.box.clientHeight - this.plot().axis);
    if (this.box.scrollTop > top) this.box.scrollTop = top;
    else if (this.box.scrollTop < bottom) this.box.scrollTop = bottom;
  }

  private plot(): Plot {
    const { clientWidth: width, clientHeight: height } = this.box;
    const scale = (this.inks?.type ?? 13) / 13;
    return { width, height, left: Math.round((phone.peek() ? 84 : 104) * scale), right: width - 14, axis: Math.round(24 * scale) };
  }

  private xOf(at: number, plot: Plot): number {
    const { length } = span.peek();
    return plot.right - ((rightOf(span.peek(), store.at) - at) / length) * (plot.right - plot.left);
  }

  private timeOf(x: number, plot: Plot): number {
    return rightOf(span.peek(), store.at) - ((plot.right - x) / (plot.right - plot.left)) * span.peek().length;
  }

  private draw(): void {
    const ratio = window.devicePixelRatio || 1;
    if (this.inks === null || ratio !== this.ratio) this.inks = inksOf(this.context, ratio);
    this.ratio = ratio;
    const { inks, context: c } = this;
    const plot = this.plot();
    if (plot.width < 50 || plot.height < 30) return;
    const [w, h] = [Math.round(plot.width * ratio), Math.round(plot.height * ratio)];
    if (this.canvas.width !== w || this.canvas.height !== h) {
      this.canvas.width = w;
      this.canvas.height = h;
      this.canvas.style.width = `${plot.width}px`;
      this.canvas.style.height = `${plot.height}px`;
    }
    const { length } = span.peek();
    const right = rightOf(span.peek(), store.at);
    const left = right - length;
    keepNumbers();
    this.lanes = orderOf(store.lanes.all(), left, right);
    this.empty.value = this.lanes.length === 0;
    const need = Math.max(0, heightOf(this.lanes.length) + plot.axis - plot.height);
    if (need !== this.room) {
      this.room = need;
      this.spacer.style.height = `${need}px`;
    }
    const scroll = this.box.scrollTop;
    const yOf = (index: number): number => TOP + index * PITCH - scroll;
    const first = Math.max(0, Math.floor((scroll - TOP) / PITCH));
    const last = Math.min(this.lanes.length, Math.ceil((scroll + plot.height - plot.axis) / PITCH));

    clear(c, plot, ratio);
    const blocks = noBlocks();
    const marks: LaneMark[] = [];
    const t = timelineTexts();
    for (let i = first; i < last; i++) {
      const lane = this.lanes[i];
      if (lane === undefined) continue;
      const y = Math.round(yOf(i));
      addLane(blocks, lane, y, { left, length, x: plot.left, width: plot.right - plot.left });
      const { endedAt, row } = lane;
      const ended = 'ended' in row ? row.ended : undefined;
      const inSight = endedAt !== null && endedAt >= left && endedAt <= right;
      marks.push({
        y,
        name: laneName(lane),
        selected: lane.id === store.selected.peek(),
        endX: inSight ? this.xOf(endedAt, plot) : null,
        end: ended?.signal !== undefined ? t.killed(ended.signal) : ended?.status !== undefined ? t.exited(ended.status) : '',
        well: ended?.status === 0,
      });
    }
    drawBlocks(c, blocks, inks);
    drawLanes(c, marks, plot, inks);
    this.drawMessages(plot, inks, left, right, yOf);
    this.drawPointed(plot, inks, yOf);
    const following = span.peek().right === null;
    const step = stepOf(length, plot.right - plot.left);
    drawAxis(
      c,
      ticksOf(span.peek(), store.at, plot.right - plot.left).map(({ at, share }) => ({
        x: plot.left + share * (plot.right - plot.left),
        text: following ? this.agoOf(right - at) : step < 1000 ? clock(at) : clock(at).slice(0, -2),
      })),
      plot,
      inks,
    );
  }

  private agoOf(ms: number): string {
    const t = timelineTexts();
    if (ms < 50) return t.now;
    return span.peek().length < 120_000 ? t.seconds(ms / 1000) : t.minutes(ms / 60_000);
  }

  private drawMessages(plot: Plot, inks: Inks, left: number, right: number, yOf: (index: number) => number): void {
    this.arrows = [];
    const process = store.selected.peek();
    const channels = channelsOf(store.channels, process, store.selectedChannel.peek());
    if (channels.length === 0) return;
    const places = new Map(this.lanes.map((lane, i) => [lane.id, i]));
    const middle = (id: number | null): number | undefined => {
      const place = id === null ? undefined : places.get(id);
      return place === undefined ? undefined : yOf(place) + LANE / 2;
    };
    const marks: ArrowMark[] = [];
    for (const id of channels) {
      for (const a of arrowsOf(store.messages(id).peek(), process, left, right)) {
        const [y0, y1] = [middle(a.sender), middle(a.receiver)];
        if (y0 === undefined) continue;
        marks.push({ channel: a.channel, number: a.number, lost: a.lost, x0: this.xOf(a.sentAt, plot), y0, x1: a.receivedAt === null || y1 === undefined ? null : this.xOf(a.receivedAt, plot), y1: y1 ?? y0 });
      }
    }
    this.arrows = marks;
    const { context: c } = this;
    c.save();
    c.beginPath();
    c.rect(plot.left, 0, plot.right - plot.left + 14, plot.height - plot.axis);
    c.clip();
    const slow = store.control.peek().delay_ms > 0 || store.control.peek().paused;
    drawArrows(c, marks, inks, slow || marks.length <= NUMBERED);
    c.restore();
  }

  private drawPointed(plot: Plot, inks: Inks, yOf: (index: number) => number): void {
    const { cursor } = this;
    const place = cursor === null ? -1 : this.lanes.findIndex((lane) => lane.id === cursor.id);
    const lane = this.lanes[place];
    if (cursor === null || lane === undefined) {
      this.tip.value = null;
      return;
    }
    const cell = cursor.x === null ? cursor.cell : cellOf(this.timeOf(cursor.x, plot));
    const x = this.xOf((cell + 0.5) * CELL_MS, plot);
    const y = yOf(place);
    if (x < plot.left - 1 || x > plot.right + 1 || y < -PITCH || y > plot.height - plot.axis) {
      this.tip.value = null;
      return;
    }
    drawCursor(this.context, x, y, plot, inks);
    const next = { x, y: y + LANE, ...this.wordsOf(lane, cell) };
    const old = this.tip.peek();
    if (old === null || (Object.keys(next) as (keyof Tip)[]).some((key) => old[key] !== next[key])) this.tip.value = next;
  }

  private wordsOf(lane: Lane, cell: number): Omit<Tip, 'x' | 'y'> {
    const t = timelineTexts();
    const one = cellAt(lane, cell);
    const over = lane.endedAt !== null && cell * CELL_MS >= lane.endedAt;
    const what = over && 'ended' in lane.row ? endOf(lane.row.ended) : t.what[whatOf(one)];
    const when = span.peek().right === null ? t.ago(duration(Math.max(0, store.at - cell * CELL_MS) / 1000)) : clockMs(cell * CELL_MS);
    const shares = one.doing === 'unseen' ? '' : one.ready === null ? t.sharesUnknown(percent(one.ran)) : t.shares(percent(one.ran), percent(one.ready));
    return { name: `${laneName(lane)} · ${lane.row.pid}`, when, what, shares };
  }

  private laneAt(y: number): Lane | undefined {
    if (y > this.plot().height - this.plot().axis) return undefined;
    return this.lanes[Math.floor((y + this.box.scrollTop - TOP) / PITCH)];
  }

  private placeOf(event: MouseEvent): { readonly x: number; readonly y: number } {
    const { left, top } = this.box.getBoundingClientRect();
    return { x: event.clientX - left, y: event.clientY - top };
  }

  private point(cursor: Board['cursor']): void {
    if (cursor === null && this.cursor === null) return;
    this.cursor = cursor;
    this.frame.mark();
  }

  private down(event: PointerEvent): void {
    if (event.button !== 0) return;
    const { x, y } = this.placeOf(event);
    if (x > this.box.clientWidth) return; // the scroll bar
    this.fingers.set(event.pointerId, { x, y });
    this.press = this.fingers.size > 1 ? null : { pointer: event.pointerId, x, id: this.laneAt(y)?.id ?? null, channel: arrowAt(this.arrows, x, y, event.pointerType === 'mouse' ? 4 : 8)?.channel ?? null, right: rightOf(span.peek(), store.at), dragging: false };
  }

  private move(event: PointerEvent): void {
    const { x, y } = this.placeOf(event);
    const before = this.fingers.get(event.pointerId);
    if (before !== undefined) {
      this.fingers.set(event.pointerId, { x, y });
      if (this.fingers.size === 2) {
        this.pinch(event.pointerId, before.x, x);
        return;
      }
    }
    const { press } = this;
    if (press?.pointer === event.pointerId) {
      if (!press.dragging && Math.abs(x - press.x) > SLOP) {
        press.dragging = true;
        this.box.setPointerCapture(event.pointerId);
        this.point(null);
      }
      if (press.dragging) {
        const plot = this.plot();
        const moved = ((press.x - x) / (plot.right - plot.left)) * span.peek().length;
        span.value = pan({ length: span.peek().length, right: press.right }, moved, store.at);
        return;
      }
    }
    if (event.pointerType === 'touch' && press === null) return;
    const lane = this.laneAt(y);
    this.point(lane === undefined || x < this.plot().left ? null : { id: lane.id, x, cell: 0 });
  }

  private pinch(pointer: number, from: number, to: number): void {
    const other = [...this.fingers].find(([id]) => id !== pointer)?.[1];
    if (other === undefined) return;
    const [was, is] = [Math.abs(from - other.x), Math.abs(to - other.x)];
    if (was < 8 || is < 8) return;
    const plot = this.plot();
    const share = Math.min(1, Math.max(0, ((to + other.x) / 2 - plot.left) / (plot.right - plot.left)));
    span.value = zoom(span.peek(), was / is, share, store.at);
  }

  private up(event: PointerEvent): void {
    const { press } = this;
    if (press?.pointer === event.pointerId && !press.dragging) {
      if (press.channel !== null && press.channel !== store.selectedChannel.peek()) selectChannel(press.channel);
      else if (press.id !== null) select(press.id);
    }
    this.let(event);
  }

  private let(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.press = null;
  }

  private wheel(event: WheelEvent): void {
    const plot = this.plot();
    const { x } = this.placeOf(event);
    // Over the names, or with no lanes' room to spare, the wheel scrolls the lanes as it does everywhere.
    if (!event.ctrlKey && (event.shiftKey ? false : x < plot.left)) return;
    event.preventDefault();
    const sideways = event.shiftKey ? event.deltaY + event.deltaX : Math.abs(event.deltaX) > Math.abs(event.deltaY) ? event.deltaX : 0;
    if (sideways !== 0) {
      span.value = pan(span.peek(), (sideways / (plot.right - plot.left)) * span.peek().length, store.at);
      return;
    }
    const share = Math.min(1, Math.max(0, (x - plot.left) / (plot.right - plot.left)));
    span.value = zoom(span.peek(), Math.exp(Math.max(-60, Math.min(60, event.deltaY)) * (event.ctrlKey ? 0.01 : 0.003)), share, store.at);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const { length } = span.peek();
    switch (event.key) {
      case 'ArrowUp':
        this.step(-1, 0);
        break;
      case 'ArrowDown':
        this.step(1, 0);
        break;
      case 'ArrowLeft':
        this.step(0, -1);
        break;
      case 'ArrowRight':
        this.step(0, 1);
        break;
      case 'PageUp':
        span.value = pan(span.peek(), -length / 2, store.at);
        break;
      case 'PageDown':
        span.value = pan(span.peek(), length / 2, store.at);
        break;
      case 'Home':
        span.value = pan(span.peek(), -Infinity, store.at);
        break;
      case 'End':
        span.value = { length, right: null };
        this.point(null);
        break;
      case '+':
      case '=':
        this.zoomBy(1 / ZOOM);
        break;
      case '-':
        this.zoomBy(ZOOM);
        break;
      case 'Enter':
        if (this.cursor === null) return;
        select(this.cursor.id);
        break;
      default:
        return;
    }
    event.preventDefault();
  }

  /** Moves what the keyboard points at, by lanes and by cells (or as much as a px shows); the picture goes with it. */
  private step(lanes: number, cells: number): void {
    const plot = this.plot();
    const newest = cellOf(store.at);
    const at = this.cursor === null ? -1 : this.lanes.findIndex((lane) => lane.id === this.cursor?.id);
    const index = at < 0 ? Math.max(0, this.lanes.findIndex((lane) => lane.id === store.selected.peek())) : Math.min(this.lanes.length - 1, Math.max(0, at + lanes));
    const lane = this.lanes[index];
    if (lane === undefined) return;
    const stride = Math.max(1, Math.round(span.peek().length / CELL_MS / 50));
    const from = this.cursor === null ? newest : this.cursor.x === null ? this.cursor.cell : cellOf(this.timeOf(this.cursor.x, plot));
    const cell = Math.min(newest, from + cells * stride);
    // Whoever looks at one moment wants it to stay where it is.
    if (cells !== 0 && span.peek().right === null) span.value = pan(span.peek(), -1, store.at);
    const time = cell * CELL_MS;
    const right = rightOf(span.peek(), store.at);
    if (time < right - span.peek().length) span.value = pan(span.peek(), time - (right - span.peek().length), store.at);
    else if (time + CELL_MS > right && span.peek().right !== null) span.value = pan(span.peek(), time + CELL_MS - right, store.at);
    this.point({ id: lane.id, x: null, cell });
    this.reveal(lane.id);
    const { name, when, what, shares } = this.wordsOf(lane, cell);
    this.spoken.value = [name, when, what, shares].filter(Boolean).join(', ');
  }
}
