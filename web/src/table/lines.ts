/** The order of the table's lines: the tree, or a flat list when a column sorts it. Pure: plain data in, plain data out. */
import { processName } from '../i18n/names';
import type { Row } from '../state/store';

export type Column = 'name' | 'pid' | 'ppid' | 'state' | 'cpu' | 'rss' | 'threads' | 'core' | 'progress' | 'age';

/** Columns from left to right. */
export const COLUMNS: readonly Column[] = ['name', 'pid', 'ppid', 'state', 'cpu', 'rss', 'threads', 'core', 'progress', 'age'];

/** The columns that a table of that width (px) has room for: what the inspector tells too goes first. */
export function columnsFor(width: number): readonly Column[] {
  if (width >= 1120) return COLUMNS;
  if (width >= 1000) return COLUMNS.filter((c) => c !== 'threads' && c !== 'core');
  if (width >= 820) return COLUMNS.filter((c) => c !== 'threads' && c !== 'core' && c !== 'age');
  if (width >= 600) return ['name', 'pid', 'state', 'cpu', 'rss'];
  return ['name', 'state', 'cpu'];
}

/** Columns whose largest values interest first. */
const LARGEST_FIRST: ReadonlySet<Column> = new Set(['cpu', 'rss', 'threads', 'progress', 'age']);

export interface Sort {
  readonly column: Column;
  /** largest first */
  readonly down: boolean;
}

/** One line of the table. */
export interface Line {
  readonly id: number;
  /** depth, 1 for the root; always 1 in a flat list */
  readonly level: number;
  /** place among its siblings, from 1, and how many they are */
  readonly place: number;
  readonly siblings: number;
  readonly expandable: boolean;
  readonly expanded: boolean;
  /** of a collapsed one: how many lines it hides */
  readonly hidden: number;
  /** found by the search; true for all when nothing is searched */
  readonly match: boolean;
}

/** What a click on a column's head makes of the sorting: that column, then turned round, then the tree again (null). */
export function nextSort(now: Sort | null, column: Column): Sort | null {
  const first = LARGEST_FIRST.has(column);
  if (now?.column !== column) return { column, down: first };
  return now.down === first ? { column, down: !first } : null;
}

/** True when the name, label or pid of a row contains the query; the empty query finds all. */
export function matches(row: Row, query: string): boolean {
  const wanted = query.trim().toLowerCase();
  if (wanted === '') return true;
  return [processName(row), row.label, row.name, String(row.pid)].some((text) => text.toLowerCase().includes(wanted));
}

/** The tree as lines, siblings by start. A search keeps what it finds and the way to it, and opens that way. */
export function treeLines(rows: Iterable<Row>, collapsed: ReadonlySet<number>, query: string): readonly Line[] {
  const byId = new Map<number, Row>();
  for (const row of rows) byId.set(row.id, row);
  const below = new Map<number, Row[]>();
  const tops: Row[] = [];
  for (const row of [...byId.values()].sort((a, b) => a.id - b.id)) {
    // A row whose parent has left stands at the top rather than nowhere.
    if (row.parent === row.id || !byId.has(row.parent)) tops.push(row);
    else {
      const list = below.get(row.parent);
      if (list === undefined) below.set(row.parent, [row]);
      else list.push(row);
    }
  }
  const searching = query.trim() !== '';
  const kept = searching ? wayTo([...byId.values()].filter((row) => matches(row, query)), byId) : null;

  const lines: Line[] = [];
  const visit = (siblings: readonly Row[], level: number): void => {
    const shown = kept === null ? siblings : siblings.filter((row) => kept.has(row.id));
    shown.forEach((row, i) => {
      const children = below.get(row.id) ?? [];
      const expanded = children.length > 0 && (searching || !collapsed.has(row.id));
      lines.push({
        id: row.id,
        level,
        place: i + 1,
        siblings: shown.length,
        expandable: children.length > 0,
        expanded,
        hidden: expanded ? 0 : size(children, below),
        match: matches(row, query),
      });
      if (expanded) visit(children, level + 1);
    });
  };
  visit(tops, 1);
  return lines;
}

function wayTo(found: readonly Row[], byId: ReadonlyMap<number, Row>): ReadonlySet<number> {
  const kept = new Set<number>();
  for (const start of found) {
    for (let row: Row | undefined = start; row !== undefined && !kept.has(row.id); row = byId.get(row.parent)) kept.add(row.id);
  }
  return kept;
}

function size(rows: readonly Row[], below: ReadonlyMap<number, readonly Row[]>): number {
  return rows.reduce((sum, row) => sum + 1 + size(below.get(row.id) ?? [], below), 0);
}

/** A flat list of what the search finds, sorted; equal ones stay in the order of their start. */
export function flatLines(rows: Iterable<Row>, sort: Sort, query: string): readonly Line[] {
  const found = [...rows].filter((row) => matches(row, query));
  const sign = sort.down ? -1 : 1;
  found.sort((a, b) => compare(a, b, sort) * sign || a.id - b.id);
  return found.map((row, i) => flat(row.id, i, found.length));
}

function flat(id: number, i: number, all: number): Line {
  return { id, level: 1, place: i + 1, siblings: all, expandable: false, expanded: false, hidden: 0, match: true };
}

function compare(a: Row, b: Row, { column, down }: Sort): number {
  switch (column) {
    case 'name':
      return processName(a).localeCompare(processName(b), undefined, { numeric: true });
    case 'state':
      return a.state.localeCompare(b.state);
    case 'age':
      return b.started - a.started;
    case 'progress':
      // Those that say nothing stand last, whichever way it is sorted.
      if (a.progress === null || b.progress === null) return ((a.progress === null ? 1 : 0) - (b.progress === null ? 1 : 0)) * (down ? -1 : 1);
      return a.progress - b.progress;
    case 'pid':
    case 'ppid':
    case 'cpu':
    case 'rss':
    case 'threads':
    case 'core':
      return a[column] - b[column];
  }
}

/** The lines of next in the order of before, new ones last: for a list that must not move under the pointer. */
export function inOldOrder(before: readonly Line[], next: readonly Line[]): readonly Line[] {
  const waiting = new Map(next.map((line) => [line.id, line]));
  const ids: number[] = [];
  for (const { id } of before) if (waiting.delete(id)) ids.push(id);
  ids.push(...waiting.keys());
  return ids.map((id, i) => flat(id, i, ids.length));
}
