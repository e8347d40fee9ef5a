/** Writes faces into cards: each card follows its own row, all are written in one frame, and only what changed. */

import { effect } from '@preact/signals';
import { numbers } from '../badge/numbers';
import { drawer } from '../frame';
import { outlineOf } from '../shell/Badge';
import { childCount } from '../state/family';
import { store, type Row } from '../state/store';
import { paintDot } from './dot';
import { faceOf, type Face } from './face';
import { handOf, type Hand } from './hand';

const dirty = new Set<CardPainter>();
const frame = drawer(() => {
  const due = [...dirty];
  dirty.clear();
  for (const painter of due) painter.paint();
});

export class CardPainter {
  private last: Face | null = null;
  private row: Row | undefined;
  private children = 0;
  private chip = 0;
  private hand: Hand | undefined;
  private readonly stop: () => void;
  private readonly parts: {
    readonly inside: HTMLElement;
    readonly badge: SVGElement;
    readonly shape: SVGPathElement;
    readonly letter: SVGTextElement;
    readonly texts: Readonly<Partial<Record<'name' | 'word' | 'brief' | 'reason' | 'line' | 'pid' | 'cpu' | 'tail', HTMLElement>>>;
    readonly bar: HTMLElement | null;
    readonly hand: SVGGElement | null;
  };

  constructor(
    private readonly card: HTMLElement,
    id: number,
  ) {
    const text = (name: string): HTMLElement | undefined => card.querySelector<HTMLElement>(`.card-${name}`) ?? undefined;
    this.parts = {
      inside: need(card.querySelector<HTMLElement>('.card-inside')),
      badge: need(card.querySelector<SVGElement>('.card-badge')),
      shape: need(card.querySelector<SVGPathElement>('.card-shape')),
      letter: need(card.querySelector<SVGTextElement>('.card-letter')),
      texts: { name: text('name'), word: text('word'), brief: text('brief'), reason: text('reason-text'), line: text('line'), pid: text('pid'), cpu: text('cpu'), tail: text('tail') },
      bar: card.querySelector<HTMLElement>('.card-bar'),
      hand: card.querySelector<SVGGElement>('.card-hand .dot'),
    };
    // The first face is written at once: a card is never seen blank.
    let first = true;
    this.stop = effect(() => {
      this.row = store.row(id).value ?? this.row;
      this.children = childCount(id);
      this.hand = this.row === undefined ? undefined : handOf(this.row);
      this.chip = numbers.value.get(id) ?? 0;
      if (first) this.paint();
      else {
        dirty.add(this);
        frame.mark();
      }
      first = false;
    });
  }

  dispose(): void {
    this.stop();
    dirty.delete(this);
  }

  paint(): void {
    if (this.row === undefined) return;
    const face = faceOf(this.row, this.children, this.chip, this.hand);
    const { last } = this;
    this.last = face;
    const { inside, badge, shape, letter, texts, bar, hand } = this.parts;
    const { look } = face;
    if (last?.look.key !== look.key || last.over !== face.over) {
      inside.className = `card-inside look-${look.key}${look.trouble ? ' trouble' : ''} ${face.over}`;
      this.card.dataset['state'] = look.key;
    }
    if (last?.look.shape !== look.shape || last.look.filled !== look.filled) {
      const stroke = look.shape === 'cross' || look.shape === 'tick';
      badge.setAttribute('class', `card-badge ${stroke ? 'badge-stroke' : `badge ${look.filled ? 'filled' : 'hollow'}`}`);
      shape.setAttribute('d', outlineOf(look));
    }
    if (last?.look.letter !== look.letter) letter.textContent = look.letter;
    if (last?.lineIsWord !== face.lineIsWord) texts.line?.classList.toggle('look-word', face.lineIsWord);
    write(texts.name, last?.name, face.name);
    write(texts.word, last?.word, face.word);
    write(texts.brief, last?.brief, face.brief);
    write(texts.reason, last?.reason, face.reason);
    write(texts.line, last?.line, face.line);
    write(texts.cpu, last?.cpu, face.cpu);
    write(texts.tail, last?.tail, face.tail);
    if (last?.hint !== face.hint) inside.title = face.hint;
    if (last?.pid !== face.pid) {
      // Where the figure stands beside a name it needs no word.
      write(texts.pid, undefined, texts.pid?.dataset['bare'] === undefined ? `pid ${face.pid}` : String(face.pid));
      this.card.dataset['pid'] = String(face.pid);
    }
    if (last?.spoken !== face.spoken) this.card.setAttribute('aria-label', face.spoken);
    if (hand && (last?.hand?.number !== face.hand?.number || last?.hand?.sender !== face.hand?.sender)) {
      this.card.classList.toggle('has-hand', face.hand !== null);
      paintDot(hand, face.hand);
    }
    if (bar && last?.share !== face.share) bar.style.transform = `scaleX(${Math.round(face.share * 1000) / 1000})`;
  }
}

function write(element: HTMLElement | undefined, before: string | undefined, now: string): void {
  if (element && before !== now) element.textContent = now;
}

function need<T extends Element>(part: T | null): T {
  if (part === null) throw new Error('a card without its parts');
  return part;
}
