/** When: a lane for each process, under the map. The canvas is the board's; here are its frame, its words and its table. */
import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { timelineTexts } from '../i18n/timeline';
import { DrawerFrame } from '../log/DrawerFrame';
import { store } from '../state/store';
import { Board } from './Board';
import { LaneTable } from './LaneTable';
import { hold } from './span';
import './timeline.css';
import { asTable, span } from './view';

const LEGEND = ['computing', 'ready', 'blocked', 'stopped', 'held', 'alive'] as const;

export function Timeline(): JSX.Element {
  const board = useSignal<Board | null>(null);
  return (
    <DrawerFrame id="timeline" title={timelineTexts().timeline} tools={<Tools board={board.value} />}>
      {asTable.value ? <LaneTable /> : <Lanes onBoard={(made) => (board.value = made)} />}
    </DrawerFrame>
  );
}

function Tools({ board }: { readonly board: Board | null }): JSX.Element {
  const t = timelineTexts();
  const following = span.value.right === null;
  return (
    <>
      <ul class="timeline-legend" aria-label={t.legendName}>
        {LEGEND.map((name) => (
          <li key={name}>
            <i class={`swatch swatch-${name}`} />
            {t.legend[name]}
          </li>
        ))}
        <li class="quiet">{t.height}</li>
      </ul>
      <div class="timeline-tools">
        {!asTable.value && (
          <>
            <button type="button" class="button zoom" title={t.zoomOut} aria-label={t.zoomOut} onClick={() => board?.zoomBy(1.5)}>
              −
            </button>
            <button type="button" class="button zoom" title={t.zoomIn} aria-label={t.zoomIn} onClick={() => board?.zoomBy(1 / 1.5)}>
              +
            </button>
            <button type="button" class="button" aria-pressed={following} title={t.followHint} onClick={() => (span.value = hold(span.value, store.at))}>
              {t.follow}
            </button>
          </>
        )}
        <button type="button" class="button" aria-pressed={asTable.value} title={t.tableHint} onClick={() => (asTable.value = !asTable.value)}>
          {t.table}
        </button>
      </div>
    </>
  );
}

function Lanes({ onBoard }: { readonly onBoard: (board: Board | null) => void }): JSX.Element {
  const t = timelineTexts();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const spacer = useRef<HTMLDivElement>(null);
  const board = useSignal<Board | null>(null);
  useLayoutEffect(() => {
    if (box.current === null || canvas.current === null || spacer.current === null) return;
    const made = new Board(box.current, canvas.current, spacer.current);
    board.value = made;
    onBoard(made);
    return () => {
      onBoard(null);
      made.dispose();
    };
  }, []);
  return (
    <div class="timeline-place">
      <div ref={box} class="timeline-lanes" tabIndex={0} role="application" aria-roledescription={t.role} aria-label={t.label} aria-describedby="timeline-keys">
        <canvas ref={canvas} aria-hidden="true" />
        <div ref={spacer} />
      </div>
      <p class="hidden-text" id="timeline-keys">
        {t.keys}
      </p>
      {board.value !== null && <Words board={board.value} />}
    </div>
  );
}

/** px: the widest a tip gets, as in timeline.css */
const TIP = 300;

function Words({ board }: { readonly board: Board }): JSX.Element {
  const tip = board.tip.value;
  const right = tip !== null && tip.x > TIP + 20;
  return (
    <>
      {tip !== null && (
        <div class={`timeline-tip${right ? ' left' : ''}`} style={{ transform: `translate(${right ? tip.x - TIP - 10 : tip.x + 10}px, ${Math.min(tip.y, 90)}px)` }} aria-hidden="true">
          <div>
            <b>
              <bdi>{tip.name}</bdi>
            </b>
            <span>{tip.when}</span>
            <span>{tip.what}</span>
            {tip.shares !== '' && <span class="quiet">{tip.shares}</span>}
          </div>
        </div>
      )}
      {board.empty.value && <p class="timeline-empty">{timelineTexts().empty}</p>}
      <p class="hidden-text" role="status">
        {board.spoken.value}
      </p>
    </>
  );
}
