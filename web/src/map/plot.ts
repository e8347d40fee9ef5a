/**
 * The map's own state: the scene, and when it may change. Structure marks it dirty, the frame lays out; while a hand is on the
 * map an ended card's place stays, what is under the pointer stays, and with a menu open all stays.
 */

import { effect, signal, type ReadonlySignal } from '@preact/signals';
import { drawer, type Drawer } from '../frame';
import { language } from '../i18n';
import { menu } from '../menu/ActionMenu';
import { phone } from '../shell/phone';
import { ROOT, store } from '../state/store';
import { openDrawer } from '../state/ui';
import { column } from './column';
import { densityOf, layout, LARGE_UP_TO, type Options } from './layout';
import type { Link } from './links';
import type { Density, Scene } from './scene';
import { linksOf, seedsOf } from './seeds';
import type { Seed } from './structure';

/** A pointer that rests this long, ms, no longer holds the places of ended cards. */
const HAND_MS = 5000;
/** Places of ended cards that a hand can hold. */
const KEPT_PLACES = 60;
/** Under a hand large cards stay large a little longer, lest all moves. */
const LARGE_UNDER_HAND = 2 * LARGE_UP_TO;

export class Plot {
  readonly scene = signal<Scene | null>(null);
  /** keys of stacks that somebody has unfolded */
  readonly unfolded = signal<ReadonlySet<string>>(new Set());
  /** id of the card under the pointer or the focus, whose button shows; null for none */
  readonly near = signal<number | null>(null);
  /** ids that came with the last layout, for their glow; empty after the first one */
  fresh: ReadonlySet<number> = new Set();

  /** ids whose places are kept though their cards have faded: no stem leads there any longer */
  kept: ReadonlySet<number> = new Set();

  private width = 1280;
  private height = 500;
  private seeds: readonly Seed[] = [];
  private links: readonly Link[] = [];
  private rootPid = 0;
  private hand = false;
  private resting: ReturnType<typeof setTimeout> | undefined;
  private under: number | null = null;
  /** key of the bed that has just been folded or unfolded: its top stays where the click was */
  private turned: string | null = null;
  private readonly frame: Drawer = drawer(() => this.draw());

  /** Follows the store until the returned function is called. */
  attach(): () => void {
    const stop = effect(() => {
      const reasons: readonly ReadonlySignal<unknown>[] = [store.structure, store.wiring, language, this.unfolded, phone, menu];
      reasons.map((reason) => reason.value);
      this.frame.mark();
    });
    return () => {
      stop();
      this.frame.dispose();
      this.leave();
    };
  }

  /** The map's own size in CSS pixels. Only a phone's column follows it at once; else it counts when the structure changes. */
  resize(width: number, height: number): void {
    // A strip at the foot is there for a while only: cards do not change for it.
    if (openDrawer.peek() === null || openDrawer.peek() === 'spawn') this.height = height;
    if (width === this.width || width === 0) return;
    this.width = width;
    if (phone.peek()) this.frame.mark();
  }

  /** The pointer is on the map, over that card or none. */
  touch(id: number | null): void {
    this.hand = true;
    this.under = id;
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.leave(id), HAND_MS);
  }

  /** The pointer is elsewhere (or rests, over that card): places may close. */
  leave(resting: number | null = null): void {
    clearTimeout(this.resting);
    this.under = resting;
    if (!this.hand) return;
    this.hand = false;
    this.frame.mark();
  }

  /** True while nothing may move by itself under the pointer. */
  get held(): boolean {
    return this.hand || menu.peek() !== null;
  }

  fold(key: string, folded: boolean): void {
    const next = new Set(this.unfolded.peek());
    if (folded) next.delete(key);
    else next.add(key);
    this.turned = key;
    this.unfolded.value = next;
  }

  private draw(): void {
    const root = store.processes.get(ROOT);
    if (menu.peek() !== null && this.scene.peek() !== null) return; // drawn once it is closed
    if (root === undefined && store.processes.size === 0) {
      this.scene.value = null;
      return;
    }
    // Another server: its ids mean other processes, so nothing keeps its place.
    const another = root !== undefined && root.pid !== this.rootPid;
    this.rootPid = root?.pid ?? 0;
    const previous = another ? null : this.scene.peek();
    const gone = this.hand && previous ? this.seeds.filter((seed) => !store.processes.has(seed.id) && !store.ended.has(seed.id)) : [];
    this.seeds = seedsOf(store.processes.values(), store.ended.values(), gone.slice(-KEPT_PLACES));

    this.kept = new Set(gone.map((seed) => seed.id));
    this.links = linksOf(store.channels.values(), another ? [] : this.links, this.seeds);

    const options: Omit<Options, 'density'> = { unfolded: this.unfolded.peek(), previous, anchor: this.anchor(), links: this.links, width: window.innerWidth - 32 };
    const density = this.density(previous, options);
    const next =
      density === 'column'
        ? column(this.seeds, { ...options, density: 'S' }, this.width)
        : layout(this.seeds, { ...options, density });
    this.fresh = previous ? new Set([...next.spots.keys()].filter((id) => !previous.parents.has(id))) : new Set();
    // A lone root has a line of words below it.
    const spacious = next.parents.size === 1 && density === 'L' ? { ...next, bounds: { ...next.bounds, h: next.bounds.h + 60 } } : next;
    this.scene.value = previous ? reuse(spacious, previous) : spacious;
  }

  private anchor(): number | string | null {
    const { turned } = this;
    this.turned = null;
    if (turned !== null) return turned;
    if (this.under !== null) return this.under;
    const focused = document.activeElement?.closest<HTMLElement>('.card[data-id]')?.dataset['id'];
    return focused === undefined ? null : Number(focused);
  }

  private density(previous: Scene | null, options: Omit<Options, 'density'>): Density {
    if (phone.peek()) return 'column';
    const n = this.seeds.length;
    if (this.hand && previous?.density === 'L' && n <= LARGE_UNDER_HAND) return 'L';
    return densityOf(n, previous?.density ?? null, () => {
      const { bounds } = layout(this.seeds, { ...options, density: 'L', previous: null });
      // With the inspector closed: to select a process must not change the cards.
      return bounds.w <= window.innerWidth - 32 && bounds.h <= this.height - 24;
    });
  }
}

/** The same scene, with the objects of the one before where they say the same: such cards are not drawn again. */
function reuse(next: Scene, previous: Scene): Scene {
  const old = <T extends object>(now: T, then: T | undefined): T =>
    then && Object.entries(now).every(([name, value]) => alike(value, (then as Record<string, unknown>)[name])) ? then : now;
  const alike = (a: unknown, b: unknown): boolean =>
    a === b || (Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((value, i) => value === b[i]));
  return {
    ...next,
    spots: new Map([...next.spots].map(([id, spot]) => [id, old(spot, previous.spots.get(id))])),
    beds: new Map([...next.beds].map(([key, bed]) => [key, old(bed, previous.beds.get(key))])),
    vessels: new Map([...next.vessels].map(([id, vessel]) => [id, old(vessel, previous.vessels.get(id))])),
  };
}

/** The page's one map: it keeps what was unfolded while the table is shown. */
export const plot = new Plot();
