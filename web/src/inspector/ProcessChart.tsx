import type { JSX } from 'preact';
import { inspectorTexts } from '../i18n/inspector';
import { bytes, number, percent } from '../i18n/numbers';
import { isEnded, store, type Row } from '../state/store';
import { Chart } from './Chart';
import { bytesTop, cpuTop } from './scale';

const CPU = [{ colour: '--state-computing', filled: true }];
const MEMORY = [{ colour: '--chan', filled: true }];

/** CPU or memory of one process over the last minute. */
export function ProcessChart({ row, what }: { readonly row: Row; readonly what: 'cpu' | 'rss' }): JSX.Element {
  const t = inspectorTexts();
  const over = isEnded(row);
  const { id } = row;
  const cpu = what === 'cpu';
  return (
    <Chart
      id={`${id} ${what}`}
      title={cpu ? t.cpu : t.memory}
      value={over ? '' : cpu ? percent(row.cpu) : bytes(row.rss)}
      tone={cpu ? 'chart-cpu' : undefined}
      lines={cpu ? CPU : MEMORY}
      data={() => {
        const series = store.series(id);
        return { times: series.times, lists: [series[what]] };
      }}
      top={cpu ? cpuTop : bytesTop}
      format={cpu ? (value) => number(value * 100) : bytes}
      scale={cpu ? 40 : 62}
      started={row.started}
      over={over}
    />
  );
}
