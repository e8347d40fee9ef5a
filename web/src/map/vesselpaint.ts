/** Writes what a vessel shows: each follows its own channel, all are written in one frame, and only what changed. */

import { effect, type ReadonlySignal } from '@preact/signals';
import { numbers } from '../badge/numbers';
import { drawer } from '../frame';
import { mapTexts } from '../i18n/map';
import { language } from '../i18n';
import { store, type Message } from '../state/store';
import type { Channel } from '../wire';
import { paintDot } from './dot';
import { flights } from './flights';
import type { Vessel } from './scene';
import { vesselFace, type VesselFace } from './vesselface';

const dirty = new Set<VesselPainter>();
const frame = drawer(() => {
  const due = [...dirty];
  dirty.clear();
  for (const painter of due) painter.paint();
});

export class VesselPainter {
  private channel: Channel | undefined;
  private messages: readonly Message[] = [];
  private last: VesselFace | null = null;
  private readonly stops: (() => void)[] = [];
  private readonly dots: readonly SVGElement[];
  private readonly parts: {
    readonly level: SVGElement | null;
    readonly valve: SVGElement | null;
    readonly count: SVGElement | null;
    readonly tray: SVGElement | null;
    readonly head: HTMLElement | null;
    readonly lines: readonly HTMLElement[];
  };

  constructor(
    private readonly element: HTMLElement,
    private readonly place: Vessel,
  ) {
    const find = (what: string): SVGElement | null => element.querySelector<SVGElement>(what);
    this.dots = [...element.querySelectorAll<SVGElement>('.dot')];
    this.parts = {
      level: find('.level'),
      valve: find('.valve'),
      count: find('.vessel-count'),
      tray: find('.tray'),
      head: element.querySelector<HTMLElement>('.vessel-head'),
      lines: [...element.querySelectorAll<HTMLElement>('.vessel-foot > *')],
    };
    let first = true;
    this.stops.push(
      effect(() => {
        const channel = store.channel(place.id).value;
        const messages = store.messages(place.id).value;
        // What the words and hues depend on too.
        const reasons: readonly ReadonlySignal<unknown>[] = [numbers, language, store.control];
        reasons.map((reason) => reason.value);
        element.classList.toggle('over', channel === undefined);
        // One that is gone keeps its last look until its place closes.
        if (channel === undefined) return;
        this.channel = channel;
        this.messages = messages;
        flights.look(place, channel, messages, first);
        if (first) this.paint();
        else this.mark();
        first = false;
      }),
      flights.follow(place.id, () => this.mark()),
    );
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    dirty.delete(this);
  }

  private mark(): void {
    dirty.add(this);
    frame.mark();
  }

  paint(): void {
    if (this.channel === undefined) return;
    const face = vesselFace(this.place, this.channel, this.messages, store.control.peek());
    const { last, place } = this;
    this.last = face;
    const { level, valve, count, tray, head, lines } = this.parts;
    this.dots.forEach((dot, i) => {
      const message = face.dots[i] ?? null;
      // One that is still on its way is not here yet.
      paintDot(dot, message !== null && message.number !== null && flights.flying(place.id, message.sender, message.number) ? null : message);
    });
    if (level && last?.level !== face.level) {
      const share = face.level ?? 0;
      level.style.transform = `translateX(${place.flip ? 0 : Math.round((1 - share) * place.w)}px) scaleX(${Math.round(share * 1000) / 1000})`;
    }
    if (last?.valve !== face.valve) valve?.classList.toggle('shut', face.valve);
    if (count && last?.count !== face.count) say(count, face.count);
    if (tray && last?.buffered !== face.buffered) {
      tray.classList.toggle('shown', face.buffered !== '');
      const text = tray.querySelector('text');
      if (text) text.textContent = face.buffered;
    }
    if (head && last?.head !== face.head) say(head, face.head);
    lines.forEach((line, i) => {
      // Of a mailbox the first, bold line stands above it.
      const now = (place.kind === 'mailbox' ? face.lines[i - 1] : face.lines[i]) ?? '';
      const before = last === null ? undefined : ((place.kind === 'mailbox' ? last.lines[i - 1] : last.lines[i]) ?? '');
      if (before !== now) say(line, now);
    });
    if (last?.spoken !== face.spoken) this.element.setAttribute('aria-label', face.spoken);
    if (last?.buffered !== face.buffered || last.valve !== face.valve) {
      const t = mapTexts();
      this.element.title = [face.valve ? t.writeBlocked : '', face.buffered === '' ? '' : t.buffered(Number(face.buffered))].filter((word) => word !== '').join(' · ');
    }
  }
}

/** Into the same text node: no element and no node is made for a number. */
function say(element: Element, text: string): void {
  if (element.firstChild instanceof Text) element.firstChild.data = text;
  else element.textContent = text;
}
