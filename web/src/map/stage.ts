/**
 * The scene under the hand: camera, pan, zoom, and what a click, a long press or a key is meant for. The target of a
 * press is the card that was under it when it began, by id.
 */

import { effect, signal } from '@preact/signals';
import { drawer, type Drawer } from '../frame';
import { closeMenu, menu, openMenu } from '../menu/ActionMenu';
import { offerByKey, perform } from '../menu/offers';
import { phone } from '../shell/phone';
import { dismissRefusal, lastStarted, mayAct, refusal, select, selectChannel } from '../state/actions';
import { children, descendantCount } from '../state/family';
import { store } from '../state/store';
import { fit, inSight, reveal, same, settle, zoom, type Camera, type Room } from './camera';
import type { Plot } from './plot';
import type { Box, Scene } from './scene';
import { STEPS, walk, type Stop } from './walk';

/** A press that moves less than this, CSS px, is a click. */
const SLOP = 5;
const LONG_PRESS_MS = 500;
const PAD = 16;
const PAN_STEP = 80;

interface Press {
  readonly pointer: number;
  readonly x: number;
  readonly y: number;
  readonly id: number | null;
  readonly stack: string | null;
  readonly channel: number | null;
  readonly camera: Camera;
  dragging: boolean;
  long: ReturnType<typeof setTimeout> | undefined;
}

export class Stage {
  /** true when not all is in sight by itself: the tools make sense then */
  readonly loose = signal(false);
  private camera: Camera = { x: PAD, y: PAD, k: 1 };
  /** true once somebody has panned or zoomed: the scene then moves by hand only */
  private byHand = false;
  private shown: Scene | null = null;
  private press: Press | null = null;
  private readonly fingers = new Map<number, { readonly x: number; readonly y: number }>();
  private readonly frame: Drawer = drawer(() => this.apply());
  private readonly stops: (() => void)[] = [];

  constructor(
    private readonly plot: Plot,
    private readonly view: HTMLElement,
    private readonly sceneElement: HTMLElement,
  ) {
    const on = <K extends keyof HTMLElementEventMap>(type: K, act: (event: HTMLElementEventMap[K]) => void, passive = true): void => {
      view.addEventListener(type, act, { passive });
      this.stops.push(() => view.removeEventListener(type, act));
    };
    on('pointerdown', (event) => this.down(event));
    on('pointermove', (event) => this.move(event));
    on('pointerup', (event) => this.up(event));
    on('pointercancel', (event) => this.cancel(event));
    on('pointerleave', (event) => {
      if (event.pointerType === 'mouse' && this.press === null) this.plot.leave();
      this.plot.near.value = this.focusedId();
    });
    on('wheel', (event) => this.wheel(event), false);
    on('contextmenu', (event) => this.context(event), false);
    on('keydown', (event) => this.key(event), false);
    on('focusin', (event) => this.plot.near.value = idOf(event.target) ?? this.plot.near.peek());
    // The browser scrolls to what gets the focus; here the camera does that.
    on('scroll', () => {
      if (!phone.peek()) view.scrollTo(0, 0);
    });
    const size = new ResizeObserver(() => this.resized());
    size.observe(view);
    this.stops.push(() => size.disconnect(), plot.attach());
    this.stops.push(effect(() => this.follow(plot.scene.value)));
    this.stops.push(
      effect(() => {
        const id = store.selected.value;
        if (id !== null) this.revealStop(id);
      }),
      effect(() => {
        const box = plot.scene.peek()?.vessels.get(store.selectedChannel.value ?? -1);
        if (box) this.revealBox(box);
      }),
    );
    let seen = lastStarted.peek();
    this.stops.push(
      effect(() => {
        const started = lastStarted.value;
        const scene = plot.scene.value;
        const box = started === seen ? undefined : boxOf(scene, started);
        if (box === undefined) return; // not asked for here, or its row is yet to come
        seen = started;
        if (!plot.held) this.revealBox(box);
      }),
    );
    this.resized();
  }

  dispose(): void {
    for (const stop of this.stops) stop();
    this.frame.dispose();
    clearTimeout(this.press?.long);
  }

  /** All that fits, and again by itself from now on. */
  fit(): void {
    this.byHand = false;
    const scene = this.plot.scene.peek();
    if (scene) this.glide(this.wanted(scene));
  }

  zoomBy(factor: number): void {
    const room = this.room();
    this.byHand = true;
    this.glide(this.bounded(zoom(this.camera, factor, room.x + room.w / 2, room.y + room.h / 2)));
  }

  /** Gives the focus to a card or a stack, and brings it into sight. */
  focus(stop: Stop): void {
    const element = this.elementOf(stop);
    if (!element) return;
    element.focus({ preventScroll: !phone.peek() });
    this.revealStop(stop);
  }

  private room(): Room {
    return { x: PAD, y: 12, w: this.view.clientWidth - 2 * PAD, h: this.view.clientHeight - 24 };
  }

  private wanted(scene: Scene): Camera {
    const root = scene.order.find((stop): stop is number => typeof stop === 'number');
    return fit(scene.bounds, this.room(), scene.density, root === undefined ? undefined : scene.spots.get(root));
  }

  private bounded(camera: Camera): Camera {
    const scene = this.plot.scene.peek();
    return scene ? inSight(camera, scene.bounds, this.room()) : camera;
  }

  /** A new scene: the camera stays if it can, and does not move under a hand at all. */
  private follow(scene: Scene | null): void {
    const first = this.shown === null;
    const other = this.shown?.density !== scene?.density;
    this.shown = scene;
    if (scene === null || scene.density === 'column') return;
    if (first || (other && !this.plot.held)) {
      if (other) this.byHand = false;
      const wanted = this.wanted(scene);
      if (first) this.jump(wanted);
      else this.glide(wanted);
      return;
    }
    if (this.plot.held) return;
    if (this.byHand) {
      const bounded = this.bounded(this.camera);
      if (!same(bounded, this.camera)) this.glide(bounded);
      return;
    }
    const wanted = this.wanted(scene);
    // A scene that would only be drawn a little larger stays as it is.
    const keep = wanted.k - this.camera.k < 0.12 && wanted.k >= this.camera.k - 0.001;
    const next = keep ? settle(this.camera, scene.bounds, this.room()) : wanted;
    if (!same(next, this.camera)) this.glide(next);
  }

  private resized(): void {
    this.plot.resize(this.view.clientWidth, this.view.clientHeight);
    const scene = this.plot.scene.peek();
    if (scene === null || scene.density === 'column') return;
    const { selected } = store;
    const id = selected.peek();
    if (!this.byHand && !this.plot.held) {
      const wanted = this.wanted(scene);
      if (!same(wanted, this.camera)) this.glide(wanted);
    }
    if (id !== null) this.revealStop(id);
    const vessel = scene.vessels.get(store.selectedChannel.peek() ?? -1);
    if (vessel) this.revealBox(vessel);
  }

  private revealStop(stop: Stop): void {
    const scene = this.plot.scene.peek();
    const box: Box | undefined = typeof stop === 'number' ? scene?.spots.get(stop) : scene?.beds.get(stop);
    if (box) this.revealBox(box);
  }

  private revealBox(box: Box): void {
    if (this.plot.scene.peek()?.density === 'column') return;
    const next = reveal(this.camera, box, this.room());
    if (!same(next, this.camera)) this.glide(next);
  }

  private jump(camera: Camera): void {
    this.sceneElement.classList.remove('glide');
    this.camera = camera;
    this.frame.mark();
  }

  private glide(camera: Camera): void {
    this.sceneElement.classList.add('glide');
    this.camera = camera;
    this.frame.mark();
  }

  private apply(): void {
    const { x, y, k } = this.camera;
    const bounds = this.plot.scene.peek()?.bounds;
    const room = this.room();
    this.loose.value = this.byHand || (bounds !== undefined && (bounds.w * k > room.w || bounds.h * k > room.h));
    this.sceneElement.style.transform = phone.peek() ? '' : `translate(${x}px, ${y}px) scale(${k})`;
  }

  private down(event: PointerEvent): void {
    if (event.target instanceof Element && event.target.closest('.map-tools, .bed-fold, .more, .map-refusal')) return;
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    if (this.fingers.size > 1) {
      this.letGo();
      return;
    }
    const id = idOf(event.target);
    this.plot.touch(id);
    const press: Press = {
      pointer: event.pointerId,
      x: event.clientX,
      y: event.clientY,
      id,
      stack: stackOf(event.target),
      channel: channelOf(event.target),
      camera: this.camera,
      dragging: false,
      long: undefined,
    };
    if (event.pointerType !== 'mouse' && id !== null) {
      press.long = setTimeout(() => {
        this.press = null;
        this.open(id, press.x, press.y);
      }, LONG_PRESS_MS);
    }
    this.press = press;
  }

  private move(event: PointerEvent): void {
    if (event.pointerType === 'mouse') {
      const id = idOf(event.target);
      this.plot.touch(id);
      const onButton = event.target instanceof Element && event.target.closest('.more');
      if (!onButton) this.plot.near.value = id ?? this.focusedId();
    }
    const finger = this.fingers.get(event.pointerId);
    if (finger && this.fingers.size === 2 && !phone.peek()) {
      this.pinch(event);
      return;
    }
    const { press } = this;
    if (press?.pointer !== event.pointerId || phone.peek()) return;
    const dx = event.clientX - press.x;
    const dy = event.clientY - press.y;
    if (!press.dragging) {
      if (Math.hypot(dx, dy) < SLOP || (event.pointerType === 'mouse' && (event.buttons & 1) === 0)) return;
      clearTimeout(press.long);
      press.dragging = true;
      this.view.setPointerCapture(event.pointerId);
      this.view.classList.add('dragging');
    }
    this.byHand = true;
    this.jump(this.bounded({ ...press.camera, x: press.camera.x + dx, y: press.camera.y + dy }));
  }

  private pinch(event: PointerEvent): void {
    const before = [...this.fingers.values()];
    this.fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    const now = [...this.fingers.values()];
    const [a, b] = before;
    const [c, d] = now;
    if (!a || !b || !c || !d) return;
    const box = this.view.getBoundingClientRect();
    const factor = Math.hypot(c.x - d.x, c.y - d.y) / Math.max(1, Math.hypot(a.x - b.x, a.y - b.y));
    const moved = {
      ...this.camera,
      x: this.camera.x + (c.x + d.x - a.x - b.x) / 2,
      y: this.camera.y + (c.y + d.y - a.y - b.y) / 2,
    };
    this.byHand = true;
    this.jump(this.bounded(zoom(moved, factor, (c.x + d.x) / 2 - box.left, (c.y + d.y) / 2 - box.top)));
  }

  private up(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    const { press } = this;
    this.letGo();
    if (event.pointerType !== 'mouse') this.plot.leave();
    if (press?.pointer !== event.pointerId || press.dragging || event.button !== 0) return;
    if (Math.hypot(event.clientX - press.x, event.clientY - press.y) >= SLOP) return;
    if (press.stack !== null) this.plot.fold(press.stack, false);
    else if (press.channel !== null) selectChannel(press.channel);
    else if (press.id !== null) select(press.id);
    else if (event.target === this.view || event.target === this.sceneElement) select(null);
  }

  private cancel(event: PointerEvent): void {
    this.fingers.delete(event.pointerId);
    this.letGo();
    if (event.pointerType !== 'mouse') this.plot.leave();
  }

  private letGo(): void {
    clearTimeout(this.press?.long);
    this.press = null;
    this.view.classList.remove('dragging');
  }

  private wheel(event: WheelEvent): void {
    const scene = this.plot.scene.peek();
    if (scene === null || scene.density === 'column') return;
    const zooming = event.ctrlKey || event.metaKey;
    const room = this.room();
    const fits = scene.bounds.w * this.camera.k <= room.w && scene.bounds.h * this.camera.k <= room.h;
    if (fits && !zooming) return;
    event.preventDefault();
    const unit = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
    this.byHand = true;
    if (zooming) {
      const box = this.view.getBoundingClientRect();
      this.jump(this.bounded(zoom(this.camera, Math.exp(-event.deltaY * unit * 0.002), event.clientX - box.left, event.clientY - box.top)));
      return;
    }
    const [dx, dy] = event.shiftKey && event.deltaX === 0 ? [event.deltaY, 0] : [event.deltaX, event.deltaY];
    this.jump(this.bounded({ ...this.camera, x: this.camera.x - dx * unit, y: this.camera.y - dy * unit }));
  }

  private context(event: MouseEvent): void {
    const keyboard = event.clientX === 0 && event.clientY === 0;
    const id = keyboard ? this.focusedId() : (this.press?.id ?? idOf(event.target));
    if (id === null) return;
    event.preventDefault();
    this.letGo();
    if (menu.peek()?.id === id) return; // a long press has opened it
    if (keyboard) this.openAtCard(id);
    else this.open(id, event.clientX, event.clientY);
  }

  private open(id: number, x: number, y: number): void {
    if (!mayAct.peek()) return;
    this.elementOf(id)?.focus({ preventScroll: true });
    openMenu(id, x, y, 'map');
  }

  /** The menu beside the card, as the menu key and the card's button open it. */
  openAtCard(id: number): void {
    const box = this.elementOf(id)?.getBoundingClientRect();
    if (box) this.open(id, box.right - 8, box.top + 8);
  }

  private key(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const stop: Stop | null = stackOf(event.target) ?? idOf(event.target);
    if (stop === null) return;
    if (this.onCard(event, stop)) {
      event.preventDefault();
      event.stopPropagation();
    }
  }

  private onCard(event: KeyboardEvent, stop: Stop): boolean {
    const scene = this.plot.scene.peek();
    if (scene === null) return false;
    const step = STEPS[event.key];
    if (step && event.shiftKey) {
      const by = { up: [0, 1], down: [0, -1], left: [1, 0], right: [-1, 0], first: [0, 0], last: [0, 0] }[step] as [number, number];
      this.byHand = true;
      this.glide(this.bounded({ ...this.camera, x: this.camera.x + by[0] * PAN_STEP, y: this.camera.y + by[1] * PAN_STEP }));
      return true;
    }
    if (step) {
      if (step === 'right' && typeof stop === 'string') this.plot.fold(stop, false);
      else this.focus(walk(scene, stop, step));
      return true;
    }
    switch (event.key) {
      case 'Enter':
      case ' ':
        if (typeof stop === 'string') this.plot.fold(stop, false);
        else select(stop);
        return true;
      case 'Escape':
        if (menu.peek() !== null) closeMenu();
        else if (refusal.peek()?.spot === 'map') dismissRefusal();
        else if (store.selected.peek() !== null) select(null);
        else return false;
        return true;
      case 'ContextMenu':
      case 'F10':
        if (typeof stop === 'string' || (event.key === 'F10' && !event.shiftKey)) return false;
        this.openAtCard(stop);
        return true;
      case '+':
        this.zoomBy(1.15);
        return true;
      case '-':
        this.zoomBy(1 / 1.15);
        return true;
      case '0':
        this.fit();
        return true;
      default:
        return this.letter(event.key, stop);
    }
  }

  private letter(key: string, stop: Stop): boolean {
    if (typeof stop === 'string' || !mayAct.peek()) return false;
    const row = store.row(stop).peek();
    const offer = row && offerByKey(key, row, descendantCount(children.peek(), stop));
    if (!offer) return false;
    void perform(offer, stop, 'map');
    return true;
  }

  private focusedId(): number | null {
    return idOf(document.activeElement);
  }

  private elementOf(stop: Stop): HTMLElement | null {
    const name = typeof stop === 'number' ? `[data-id="${stop}"]` : `[data-stack="${CSS.escape(stop)}"]`;
    return this.sceneElement.querySelector<HTMLElement>(name);
  }
}

/** Where the first of these stands: its own card, or the bed or stack that it is in. */
function boxOf(scene: Scene | null, ids: readonly number[]): Box | undefined {
  const id = ids[0];
  if (scene === null || id === undefined) return undefined;
  const spot = scene.spots.get(id);
  if (spot) return (spot.bed === '' ? undefined : scene.beds.get(spot.bed)) ?? spot;
  return [...scene.beds.values()].find((bed) => bed.folded && bed.ids.includes(id));
}

function idOf(target: EventTarget | null): number | null {
  const card = target instanceof Element ? target.closest<HTMLElement>('.map .card[data-id]') : null;
  return card ? Number(card.dataset['id']) : null;
}

function channelOf(target: EventTarget | null): number | null {
  const vessel = target instanceof Element ? target.closest<HTMLElement>('.map .vessel') : null;
  return vessel ? Number(vessel.dataset['channel']) : null;
}

function stackOf(target: EventTarget | null): string | null {
  const stack = target instanceof Element ? target.closest<HTMLElement>('.map .stack') : null;
  return stack?.dataset['stack'] ?? null;
}
