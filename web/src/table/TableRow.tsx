import type { JSX } from 'preact';
import { Chip } from '../badge/Chip';
import { bytes, percent } from '../i18n/numbers';
import { processName } from '../i18n/names';
import { tableTexts } from '../i18n/table';
import { Badge } from '../shell/Badge';
import { mayAct } from '../state/actions';
import { childCount } from '../state/family';
import { second } from '../state/second';
import { isEnded, ROOT, store, type Row } from '../state/store';
import { lookOf, reasonOf, stateWord } from '../state/words';
import { age } from './age';
import type { Column, Line } from './lines';

interface Props {
  readonly line: Line;
  /** aria-rowindex: the head is 1 */
  readonly index: number;
  readonly active: boolean;
  readonly selected: boolean;
  /** px a level, null for a flat list */
  readonly indent: number | null;
  readonly columns: readonly Column[];
}

/** A deeper level is not indented further: the name needs its room. */
const DEEPEST = 12;

/** One process; drawn again when its own row changes, and by nothing else. */
export function TableRow({ line, index, active, selected, indent, columns }: Props): JSX.Element {
  const t = tableTexts();
  const row = store.row(line.id).value;
  if (row === undefined) return <tr />;
  const look = lookOf(row);
  const name = processName(row);
  const over = isEnded(row);
  const classes = ['table-line', active && 'active', selected && 'selected', over && 'over', look.key === 'zombie' && 'zombie', !line.match && 'aside'];
  return (
    <tr
      id={`line-${line.id}`}
      data-id={line.id}
      data-pid={row.pid}
      class={classes.filter(Boolean).join(' ')}
      aria-rowindex={index}
      aria-level={line.level}
      aria-posinset={line.place}
      aria-setsize={line.siblings}
      aria-expanded={line.expandable ? line.expanded : undefined}
      aria-selected={selected}
    >
      <th scope="row" class="cell-name">
        <div class="table-name">
          {indent !== null && <span class="table-indent" style={{ width: `${(Math.min(line.level, DEEPEST) - 1) * indent}px` }} />}
          {indent !== null && (
            <span class="table-toggle">
              {line.expandable && (
                <button type="button" tabIndex={-1} data-part="toggle" aria-label={line.expanded ? t.close(name) : t.open(name)}>
                  {line.expanded ? '▾' : '▸'}
                </button>
              )}
            </span>
          )}
          <Chip id={line.id} />
          <span class="table-label">
            <bdi>{name}</bdi>
            {!columns.includes('pid') && <small class="table-pid">pid {row.pid}</small>}
          </span>
          {line.hidden > 0 && (
            <span class="table-hidden" title={t.hiddenLong(line.hidden)}>
              {t.hidden(line.hidden)}
            </span>
          )}
        </div>
      </th>
      {columns.map((column) => column !== 'name' && <Cell key={column} column={column} row={row} />)}
      {mayAct.value && <Actions row={row} name={name} over={over} />}
    </tr>
  );
}

function Cell({ column, row }: { readonly column: Exclude<Column, 'name'>; readonly row: Row }): JSX.Element {
  const over = isEnded(row);
  switch (column) {
    case 'pid':
    case 'ppid':
      return <td class={`cell-${column}`}>{row[column]}</td>;
    case 'state': {
      const children = childCount(row.id);
      const look = lookOf(row);
      return (
        <td class="cell-state" title={reasonOf(row, children)}>
          <span class="table-state">
            <Badge look={look} />
            <span class={`look-word look-${look.key}`}>{stateWord(row)}</span>
          </span>
        </td>
      );
    }
    case 'cpu':
      return (
        <td class="cell-cpu">
          {over ? '' : percent(row.cpu)}
          {!over && (
            <span class="table-bar">
              <span style={{ width: `${Math.min(1, row.cpu) * 100}%` }} />
            </span>
          )}
        </td>
      );
    case 'rss':
      return <td class="cell-rss">{over ? '' : bytes(row.rss)}</td>;
    case 'threads':
      return <td class="cell-threads">{over ? '' : row.threads}</td>;
    case 'core':
      return <td class="cell-core">{over || row.core < 0 ? '' : row.core}</td>;
    case 'progress':
      return <td class="cell-progress">{!over && row.progress !== null && <Progress share={row.progress} />}</td>;
    case 'age':
      return <td class="cell-age">{!over && <Age started={row.started} />}</td>;
  }
}

function Progress({ share }: { readonly share: number }): JSX.Element {
  return (
    <span class="table-progress">
      <span class="table-track" aria-hidden="true">
        <span style={{ width: `${Math.max(0, Math.min(1, share)) * 100}%` }} />
      </span>
      {percent(share)}
    </span>
  );
}

/** Drawn again once a second, alone. */
function Age({ started }: { readonly started: number }): JSX.Element {
  return <>{age((second.value || store.at) - started)}</>;
}

function Actions({ row, name, over }: { readonly row: Row; readonly name: string; readonly over: boolean }): JSX.Element {
  return (
    <td class="cell-actions">
      {!over && row.id !== ROOT && (
        <button type="button" tabIndex={-1} class="table-more" data-part="actions" aria-haspopup="menu" aria-label={tableTexts().actionsOf(name, row.pid)}>
          ⋯
        </button>
      )}
    </td>
  );
}
