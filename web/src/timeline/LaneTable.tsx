import type { JSX } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { clock, duration, percent } from '../i18n/numbers';
import { timelineTexts } from '../i18n/timeline';
import { select } from '../state/actions';
import { second, useSecond } from '../state/second';
import { store } from '../state/store';
import { intervalsOf, KEPT_INTERVALS } from './intervals';
import { orderOf } from './order';
import { keepNumbers, laneName } from './view';

/** What the timeline shows, of one process, as a table; anew once a second. */
export function LaneTable(): JSX.Element {
  const t = timelineTexts();
  useSecond();
  keepNumbers();
  // The slow clock makes it anew: at 10 Hz nobody could read a row.
  const lanes = second.value < 0 ? [] : orderOf(store.lanes.all(), 0, Infinity);
  const selected = store.selected.value;
  const [chosen, choose] = useState<number | null>(null);
  useEffect(() => {
    if (selected !== null) choose(selected);
  }, [selected]);
  const lane = lanes.find((one) => one.id === chosen) ?? lanes.find((one) => one.id === selected) ?? lanes[0];
  const rows = lane === undefined ? [] : intervalsOf(lane);
  return (
    <div class="lane-table">
      <label class="lane-choice">
        {t.process}{' '}
        <select
          value={lane?.id}
          onChange={(event) => {
            const id = Number(event.currentTarget.value);
            choose(id);
            if (store.selected.value !== null) select(id);
          }}
        >
          {lanes.map((one) => (
            <option key={one.id} value={one.id}>
              {`${laneName(one)} · ${one.row.pid}`}
            </option>
          ))}
        </select>
        {rows.length >= KEPT_INTERVALS && <span class="quiet"> {t.newest(KEPT_INTERVALS)}</span>}
      </label>
      {lane === undefined || rows.length === 0 ? (
        <p class="log-none">{t.noRows}</p>
      ) : (
        <div class="lane-rows" tabIndex={0} role="region" aria-label={t.tableOf(laneName(lane))}>
          <table>
            <caption class="hidden-text">{t.tableOf(laneName(lane))}</caption>
            <thead>
              <tr>
                <th scope="col">{t.columns.from}</th>
                <th scope="col">{t.columns.length}</th>
                <th scope="col">{t.columns.what}</th>
                <th scope="col">{t.columns.ran}</th>
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <tr key={row.from}>
                  <td>{clock(row.from)}</td>
                  <td>{duration((row.to - row.from) / 1000)}</td>
                  <td>{t.what[row.what]}</td>
                  <td>{percent(row.ran)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </div>
  );
}
