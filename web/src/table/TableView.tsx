/**
 * The tree as a table: the same processes as on the map, with their numbers aligned. Only lines in sight exist in the
 * document, each reads its own process's signal, and Preact writes only the cells that changed. The grid itself keeps
 * the focus (aria-activedescendant), so a line that scrolls out of sight takes no focus with it.
 */
import { computed, signal } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { tableTexts } from '../i18n/table';
import { focusInspector } from '../inspector/focus';
import { ActionMenu, menu, openMenu } from '../menu/ActionMenu';
import { offerByKey, perform } from '../menu/offers';
import { phone } from '../shell/phone';
import { RefusalNote } from '../shell/RefusalNote';
import { lastStarted, mayAct, refusal, select } from '../state/actions';
import { children, descendantCount } from '../state/family';
import { second, useSecond } from '../state/second';
import { store, type Row } from '../state/store';
import { search } from '../state/ui';
import { columnsFor, flatLines, inOldOrder, nextSort, treeLines, type Column, type Line, type Sort } from './lines';
import './table.css';
import { TableRow } from './TableRow';
import { useWindow } from './windowed';

/** How the table is sorted, null for the tree; kept while the map is shown. */
const sort = signal<Sort | null>(null);
const collapsed = signal<ReadonlySet<number>>(new Set());
/** id of the line that the arrow keys are at */
const active = signal<number | null>(null);
/** true while the pointer is over the lines: then a flat list keeps its order, and nothing moves away from under it */
const pointed = signal(false);

const allRows = (): Row[] => [...store.processes.values(), ...store.ended.values()];

/** the last list, and the sorting it has */
let shown: readonly Line[] = [];
let shownBy: Sort | null = null;

const lines = computed<readonly Line[]>(() => {
  store.structure.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const by = sort.value;
  if (by === null) shown = treeLines(allRows(), collapsed.value, search.value);
  else {
    second.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- values sort anew once a second
    const next = flatLines(allRows(), by, search.value);
    const hold = pointed.value || menu.value !== null;
    shown = hold && shownBy === by ? inOldOrder(shown, next) : next;
  }
  shownBy = by;
  return shown;
});

/** px, as table.css has it */
const lineHeight = (): number => (phone.value ? 56 : 40);

function toggle(id: number, open: boolean): void {
  const next = new Set(collapsed.value);
  if (open) next.delete(id);
  else next.add(id);
  collapsed.value = next;
}

function choose(id: number): void {
  active.value = id;
  if (store.selected.value === id) focusInspector();
  else select(id);
}

export function TableView(): JSX.Element {
  const t = tableTexts();
  const box = useRef<HTMLDivElement>(null);
  const list = lines.value;
  const height = lineHeight();
  const { from, to, width } = useWindow(box, height, list.length);
  const columns = columnsFor(width);
  const span = columns.length + (mayAct.value ? 1 : 0);
  useSecond();
  useEffect(
    () => () => {
      pointed.value = false;
    },
    [],
  );

  // What was started from this page comes into sight, once it has a line.
  const started = lastStarted.value[0];
  const brought = useRef(started);
  useEffect(() => {
    if (started === undefined || started === brought.current) return;
    const index = list.findIndex((line) => line.id === started);
    if (index < 0) return;
    brought.current = started;
    reveal(box.current, index, height);
  }, [started, list]);

  const at = list.findIndex((line) => line.id === active.value);
  const pressed = useRef<number | null>(null);

  const moveTo = (index: number): void => {
    const line = list[Math.max(0, Math.min(list.length - 1, index))];
    if (line === undefined) return;
    active.value = line.id;
    reveal(box.current, list.indexOf(line), height);
  };

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.metaKey || event.altKey) return;
    const line = list[at];
    const row = line && store.row(line.id).peek();
    const page = Math.max(1, Math.floor((box.current?.clientHeight ?? 400) / height) - 2);
    switch (event.key) {
      case 'ArrowDown':
        moveTo(at + 1);
        break;
      case 'ArrowUp':
        moveTo(at < 0 ? 0 : at - 1);
        break;
      case 'PageDown':
        moveTo(at + page);
        break;
      case 'PageUp':
        moveTo(at - page);
        break;
      case 'Home':
        moveTo(0);
        break;
      case 'End':
        moveTo(list.length - 1);
        break;
      case 'ArrowRight':
        if (line?.expandable === true && !line.expanded) toggle(line.id, true);
        else if (line?.expanded === true) moveTo(at + 1);
        break;
      case 'ArrowLeft':
        if (line?.expanded === true) toggle(line.id, false);
        else if (line !== undefined && row !== undefined) moveTo(Math.max(0, list.findIndex((other) => other.id === row.parent)));
        break;
      case 'Enter':
        if (line !== undefined) choose(line.id);
        break;
      case 'ContextMenu':
      case 'F10':
        if (event.key === 'F10' && !event.shiftKey) return;
        if (line !== undefined) openAtLine(line.id);
        break;
      default: {
        if (row === undefined || !mayAct.value) return;
        const offer = offerByKey(event.key, row, descendantCount(children.value, row.id));
        if (offer === undefined) return;
        void perform(offer, row.id, 'table');
      }
    }
    event.preventDefault();
  };

  const openAtLine = (id: number): void => {
    const place = document.getElementById(`line-${id}`)?.getBoundingClientRect();
    openMenu(id, (place?.left ?? 0) + 48, (place?.bottom ?? 0) - 4, 'table');
  };

  const refused = refusal.value;
  const refusedAt = refused?.spot === 'table' ? list.findIndex((line) => line.id === refused.id) : -1;

  return (
    <section class="table-view" aria-label={t.table}>
      <Summary list={list} />
      <div class="table-box" ref={box}>
        <table
          class="table"
          role="treegrid"
          aria-label={t.table}
          aria-rowcount={list.length + 1}
          aria-activedescendant={at >= from && at < to ? `line-${list[at]?.id ?? 0}` : undefined}
          tabIndex={0}
          onFocus={(event) => {
            if (event.target === event.currentTarget && at < 0) active.value = store.selected.value ?? list[0]?.id ?? null;
          }}
          onKeyDown={onKeyDown}
        >
          <colgroup>
            {columns.map((column) => (
              <col key={column} class={`col-${column}`} />
            ))}
            {mayAct.value && <col class="col-actions" />}
          </colgroup>
          <Head columns={columns} />
          <tbody
            onPointerEnter={(event) => {
              if (event.pointerType === 'mouse') pointed.value = true;
            }}
            onPointerLeave={() => (pointed.value = false)}
            onPointerDown={(event) => (pressed.current = lineAt(event.target))}
            onClick={(event) => {
              // The line that was pressed, even if another one has moved under the pointer since.
              const id = pressed.current ?? lineAt(event.target);
              pressed.current = null;
              if (id === null) return;
              if (part(event.target, 'toggle')) toggle(id, list.find((line) => line.id === id)?.expanded === false);
              else if (part(event.target, 'actions')) {
                active.value = id;
                openAtPointer(id, event);
              } else {
                active.value = id;
                select(id);
              }
            }}
            onContextMenu={(event) => {
              const id = lineAt(event.target);
              if (id === null || !mayAct.value) return;
              active.value = id;
              if (openMenu(id, event.clientX, event.clientY, 'table')) event.preventDefault();
            }}
          >
            <Gap lines={from} height={height} span={span} />
            {list.slice(from, to).map((line, i) => (
              <TableRow
                key={line.id}
                line={line}
                index={from + i + 2}
                active={line.id === active.value}
                selected={line.id === store.selected.value}
                indent={sort.value !== null ? null : columns.length > 3 ? 20 : 8}
                columns={columns}
              />
            ))}
            <Gap lines={list.length - to} height={height} span={span} />
          </tbody>
        </table>
        <div class="table-refusal" style={{ top: `${refusedAt < 0 ? 0 : (refusedAt + 2) * height}px` }}>
          <RefusalNote spot="table" />
        </div>
      </div>
      <ActionMenu />
    </section>
  );
}

function openAtPointer(id: number, event: MouseEvent): void {
  const place = event.target instanceof Element ? event.target.getBoundingClientRect() : undefined;
  openMenu(id, place?.right ?? event.clientX, place?.bottom ?? event.clientY, 'table');
}

function lineAt(target: EventTarget | null): number | null {
  const id = target instanceof Element ? target.closest('tr[data-id]')?.getAttribute('data-id') : null;
  return id === null || id === undefined ? null : Number(id);
}

const part = (target: EventTarget | null, name: string): boolean => target instanceof Element && target.closest(`[data-part="${name}"]`) !== null;

/** Scrolls so that the line is in sight under the sticky head. */
function reveal(box: HTMLElement | null, index: number, height: number): void {
  if (box === null) return;
  const top = index * height;
  if (top < box.scrollTop) box.scrollTop = top;
  else if (top + 2 * height > box.scrollTop + box.clientHeight) box.scrollTop = top + 2 * height - box.clientHeight;
}

/** Stands for lines out of sight. */
function Gap({ lines: count, height, span }: { readonly lines: number; readonly height: number; readonly span: number }): JSX.Element | null {
  if (count <= 0) return null;
  return (
    <tr aria-hidden="true" class="table-gap">
      <td colSpan={span} style={{ height: `${count * height}px` }} />
    </tr>
  );
}

/** Says how many there are and whether it is the tree or a flat list. */
function Summary({ list }: { readonly list: readonly Line[] }): JSX.Element {
  const t = tableTexts();
  const by = sort.value;
  const query = search.value.trim();
  const found = list.reduce((sum, line) => sum + (line.match ? 1 : 0), 0);
  return (
    <p class={by === null && query === '' ? 'table-summary still' : 'table-summary'}>
      {query !== '' && <span>{t.found(found, query)}</span>}
      {by !== null && <span>{t.flat(t.columns[by.column], by.down)}</span>}
      {by === null && query === '' && <span>{t.asTree}</span>}
      {by !== null && (
        <button type="button" class="table-back" onClick={() => (sort.value = null)}>
          {t.back}
        </button>
      )}
    </p>
  );
}

function Head({ columns }: { readonly columns: readonly Column[] }): JSX.Element {
  const t = tableTexts();
  const by = sort.value;
  return (
    <thead>
      <tr aria-rowindex={1}>
        {columns.map((column) => (
          <th key={column} scope="col" class={`cell-${column}`} aria-sort={by?.column === column ? (by.down ? 'descending' : 'ascending') : undefined}>
            <button type="button" onClick={() => (sort.value = nextSort(sort.value, column))}>
              {t.columns[column]}
              <span class="table-arrow" aria-hidden="true">
                {by?.column === column ? (by.down ? '▾' : '▴') : ''}
              </span>
            </button>
          </th>
        ))}
        {mayAct.value && (
          <th scope="col" class="cell-actions">
            <span class="hidden-text">{t.actionsColumn}</span>
          </th>
        )}
      </tr>
    </thead>
  );
}
