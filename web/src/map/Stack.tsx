import type { JSX } from 'preact';
import { useLayoutEffect, useState } from 'preact/hooks';
import { mapTexts } from '../i18n/map';
import { bytes, percent } from '../i18n/numbers';
import { drawer } from '../frame';
import { Badge } from '../shell/Badge';
import { store } from '../state/store';
import { lookOf, type Look } from '../state/words';
import { PITCH } from './bed';
import { memo } from './memo';
import type { Bed } from './scene';
import { waffleOf, type Mark } from './waffle';

interface Props {
  readonly bed: Bed;
  readonly selected: boolean;
  readonly stop: boolean;
  readonly found: boolean;
}

interface Seen {
  readonly marks: readonly Mark[];
  /** cores in use by all of them */
  readonly cpu: number;
  /** bytes, pages that they share counted once for each */
  readonly rss: number;
}

function look(ids: readonly number[]): Seen {
  const marks: Mark[] = [];
  let cpu = 0;
  let rss = 0;
  for (const id of ids) {
    const row = store.row(id).peek();
    if (row === undefined) continue;
    const { key, shape, filled } = lookOf(row);
    marks.push({ key, shape, filled });
    cpu += row.cpu;
    rss += store.processes.has(id) ? row.rss : 0;
  }
  return { marks, cpu, rss };
}

/** Many alike leaves as one card: a mark for each, a count for each state, and their sums. A click shows each one. */
export const Stack = memo(function Stack({ bed, selected, stop, found }: Props): JSX.Element {
  const [seen, see] = useState(() => look(bed.ids));
  useLayoutEffect(() => {
    const frame = drawer(() => see(look(bed.ids)));
    const stopFollowing = store.values.subscribe(() => frame.mark());
    return () => {
      stopFollowing();
      frame.dispose();
    };
  }, [bed.ids]);

  const t = mapTexts();
  const { groups } = waffleOf(seen.marks, bed.columns);
  return (
    <div
      class={`stack${selected ? ' selected' : ''}${found ? '' : ' dim'}`}
      role="treeitem"
      data-stack={bed.key}
      tabIndex={stop ? 0 : -1}
      aria-level={bed.level}
      aria-posinset={bed.place}
      aria-setsize={bed.siblings}
      aria-expanded={false}
      aria-selected={selected}
      aria-label={t.stack(bed.label, bed.ids.length)}
      style={{ transform: `translate(${bed.x}px, ${bed.y}px)`, width: `${bed.w}px`, height: `${bed.h}px` }}
    >
      <i class="stack-plate" />
      <i class="stack-plate" />
      <div class="stack-inside">
        <p class="stack-head">
          <b class="stack-name">
            <bdi>{bed.label}</bdi> <span>{t.times(bed.ids.length)}</span>
          </b>
          {groups.map(({ mark, count }) => (
            <span key={`${mark.key}${mark.shape}${String(mark.filled)}`} class={`stack-count look-${mark.key}`}>
              <Badge look={badgeOf(mark)} size={20} />
              <span class="look-word">
                {t.count(count, mark.key)}
              </span>
            </span>
          ))}
          <span class="stack-unfold" aria-hidden="true">
            {t.unfold}
          </span>
        </p>
        <svg class="stack-waffle" width={bed.columns * PITCH} height={Math.ceil(bed.ids.length / bed.columns) * PITCH} aria-hidden="true" focusable="false">
          {groups.map(({ mark, d }) => (
            <path
              key={`${mark.key}${mark.shape}${String(mark.filled)}`}
              class={`look-${mark.key} ${mark.shape === 'cross' || mark.shape === 'tick' ? 'line' : mark.filled ? 'filled' : 'hollow'}`}
              d={d}
            />
          ))}
        </svg>
        <dl class="stack-sums">
          <dt>{t.cpuSum}</dt>
          <dd>{percent(seen.cpu)}</dd>
          <dt title={t.rssHint}>{t.rssSum}</dt>
          <dd title={t.rssHint}>{bytes(seen.rss)}</dd>
        </dl>
      </div>
    </div>
  );
});

const LETTERS: Partial<Readonly<Record<Mark['key'], string>>> = {
  computing: 'R',
  ready: 'R',
  waiting: 'S',
  sleeping: 'S',
  blocked: 'S',
  disk: 'D',
  stopped: 'T',
  traced: 't',
  zombie: 'Z',
};

const badgeOf = (mark: Mark): Look => ({ ...mark, letter: LETTERS[mark.key] ?? '', trouble: false });
