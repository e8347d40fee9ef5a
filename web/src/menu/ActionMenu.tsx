/**
 * The menu of actions on one process, for the map's cards and the table's rows alike. A view renders <ActionMenu /> once
 * and calls openMenu; the target is fixed then, by id, however the tree moves meanwhile.
 */
import { signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { menuTexts } from '../i18n/menu';
import { processName } from '../i18n/names';
import { commandsFor, toClipboard } from '../inspector/Check';
import { mayAct, OTHER_SIGNALS, sendSignal, type Spot } from '../state/actions';
import { children, descendantCount } from '../state/family';
import { store, type Row } from '../state/store';
import './menu.css';
import { offersFor, perform, takesSignals } from './offers';

export interface OpenMenu {
  readonly id: number;
  /** client pixels of the point it opens at */
  readonly x: number;
  readonly y: number;
  readonly spot: Spot;
  /** gets the focus back */
  readonly from: Element | null;
}

/** The menu that is open, null for none. */
export const menu = signal<OpenMenu | null>(null);

/** Opens the menu for a process; does nothing for viewers and where no action makes sense. */
export function openMenu(id: number, x: number, y: number, spot: Spot): boolean {
  const row = store.row(id).peek();
  if (!mayAct.peek() || row === undefined || offersFor(row, 0).length === 0) return false;
  menu.value = { id, x, y, spot, from: document.activeElement };
  return true;
}

export function closeMenu(): void {
  const open = menu.peek();
  if (open === null) return;
  menu.value = null;
  if (open.from instanceof HTMLElement || open.from instanceof SVGElement) open.from.focus({ preventScroll: true });
}

export function ActionMenu(): JSX.Element | null {
  const open = menu.value;
  return open === null || !mayAct.value ? null : <Menu key={`${open.id} ${open.x} ${open.y}`} open={open} />;
}

function Menu({ open }: { readonly open: OpenMenu }): JSX.Element {
  const t = menuTexts();
  const box = useRef<HTMLDivElement>(null);
  const [more, setMore] = useState(false);
  const [copied, setCopied] = useState<'no' | 'yes' | 'selected'>('no');
  const last = useRef<Row | undefined>(undefined);
  const now = store.row(open.id).value;
  const row = now ?? last.current;
  last.current = row;

  useLayoutEffect(() => {
    const el = box.current;
    if (el === null || matchMedia('(max-width: 480px)').matches) return;
    const { width, height } = el.getBoundingClientRect();
    el.style.left = `${Math.max(8, Math.min(open.x, innerWidth - width - 8))}px`;
    el.style.top = `${Math.max(8, Math.min(open.y, innerHeight - height - 8))}px`;
  }, [open, more]);

  useEffect(() => {
    items(box.current)[0]?.focus({ preventScroll: true });
    const outside = (event: Event): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === true) return;
      closeMenu();
    };
    document.addEventListener('pointerdown', outside, true);
    return () => document.removeEventListener('pointerdown', outside, true);
  }, []);

  if (row === undefined) return <></>;
  const offers = now === undefined ? [] : offersFor(row, descendantCount(children.value, row.id));
  const run = (act: () => Promise<void>): void => {
    closeMenu();
    void act();
  };

  // The menu stays open: it says that the command was copied, or that it is selected where there is no clipboard.
  const copy = async (item: HTMLElement, pid: number): Promise<void> => {
    const done = await toClipboard(psOf(pid));
    if (!done) getSelection()?.selectAllChildren(item.querySelector('code') ?? item);
    setCopied(done ? 'yes' : 'selected');
  };

  return (
    <div
      ref={box}
      class="menu"
      role="menu"
      tabIndex={-1}
      aria-label={t.actions(processName(row), row.pid)}
      onKeyDown={(event) => onKey(event, box.current)}
      onContextMenu={(event) => event.preventDefault()}
    >
      <p class="menu-title" role="presentation">
        <bdi>{processName(row)}</bdi> <span>{t.pid(row.pid)}</span>
      </p>
      {offers.map((offer) => (
        <button
          key={offer.verb}
          type="button"
          role="menuitem"
          tabIndex={-1}
          class={offer.verb === 'kill' || offer.verb === 'killTree' ? 'menu-item danger' : 'menu-item'}
          data-verb={offer.verb}
          onClick={() => run(() => perform(offer, open.id, open.spot))}
        >
          {offer.label} <small>{offer.signal}</small>
        </button>
      ))}
      {offers.length === 0 && (
        <p class="menu-note" role="presentation">
          {t.over}
        </p>
      )}
      {now !== undefined && takesSignals(row) && (
        <button
          type="button"
          role="menuitem"
          tabIndex={-1}
          class="menu-item"
          aria-expanded={more}
          aria-haspopup="menu"
          data-verb="other"
          onClick={() => setMore(!more)}
        >
          {t.other} <small aria-hidden="true">{more ? '▴' : '▾'}</small>
        </button>
      )}
      {now !== undefined && (
        <button
          type="button"
          role="menuitem"
          tabIndex={-1}
          class="menu-item menu-check"
          data-verb="check"
          onClick={(event) => void copy(event.currentTarget, row.pid)}
        >
          {copied === 'no' ? t.check : copied === 'yes' ? t.copied : t.selected}
          <code>{psOf(row.pid)}</code>
        </button>
      )}
      {more &&
        now !== undefined &&
        OTHER_SIGNALS.map((name) => (
          <button
            key={name}
            type="button"
            role="menuitem"
            tabIndex={-1}
            class="menu-item menu-signal"
            data-signal={name}
            onClick={() => run(() => sendSignal(open.id, name, open.spot))}
          >
            SIG{name}
          </button>
        ))}
    </div>
  );
}

const psOf = (pid: number): string => commandsFor(pid, store.machine.peek()?.host.os ?? 'linux')[0] ?? '';

const items = (box: HTMLElement | null): HTMLElement[] =>
  box === null ? [] : [...box.querySelectorAll<HTMLElement>('[role="menuitem"]')];

function onKey(event: KeyboardEvent, box: HTMLElement | null): void {
  const all = items(box);
  const at = all.findIndex((item) => item === document.activeElement);
  const go = (to: number): void => all[(to + all.length) % all.length]?.focus();
  switch (event.key) {
    case 'ArrowDown':
      go(at + 1);
      break;
    case 'ArrowUp':
      go(at < 0 ? -1 : at - 1);
      break;
    case 'Home':
      go(0);
      break;
    case 'End':
      go(-1);
      break;
    case 'Escape':
    case 'Tab':
      closeMenu();
      break;
    default:
      // Letters must not reach the card behind the menu.
      event.stopPropagation();
      return;
  }
  event.preventDefault();
  event.stopPropagation();
}
