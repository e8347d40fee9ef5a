import type { JSX } from 'preact';
import { useSignal } from '@preact/signals';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { mapTexts } from '../i18n/map';
import { select, selectChannel } from '../state/actions';
import { store } from '../state/store';
import { DotMark } from './DotMark';
import { FLYERS } from './flights';
import { memo } from './memo';
import { cell, DOT, placeOf } from './places';
import type { Scene, Vessel as Place } from './scene';
import { CELL_GAP, RIM } from './vessel';
import { VesselPainter } from './vesselpaint';

/** Lines from processes to vessels; they lie under the cards. Decoration: each vessel says whom it joins. */
export function Lines({ scene }: { readonly scene: Scene }): JSX.Element {
  const chosen = store.selectedChannel.value;
  return (
    <svg class="lines" width="1" height="1" aria-hidden="true" focusable="false">
      {scene.lines.map((line) => (
        <g key={line.key} class={line.channel === chosen ? 'line selected' : 'line'} data-of={line.channel}>
          <path class="wire" data-line={line.key} d={line.d} />
          <path class="arrow" d={line.heads} />
        </g>
      ))}
    </svg>
  );
}

const STEPS: Readonly<Record<string, 1 | -1>> = { ArrowRight: 1, ArrowDown: 1, ArrowLeft: -1, ArrowUp: -1 };

/** Tubes and mailboxes: one stop of Tab, arrows go from one to the next. */
export function Vessels({ scene }: { readonly scene: Scene }): JSX.Element | null {
  const stop = useSignal<number | null>(null);
  const group = useRef<HTMLDivElement>(null);
  const places = [...scene.vessels.values()];
  if (places.length === 0) return null;
  const chosen = store.selectedChannel.value;
  const at = stop.value !== null && scene.vessels.has(stop.value) ? stop.value : places[0]?.id;
  const key = (event: KeyboardEvent): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const here = places.findIndex((place) => place.id === at);
    const step = STEPS[event.key];
    if (step !== undefined) {
      const next = places[(here + step + places.length) % places.length];
      group.current?.querySelector<HTMLElement>(`[data-channel="${next?.id ?? 0}"]`)?.focus();
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (at !== undefined) selectChannel(at);
    } else if (event.key === 'Escape' && chosen !== null) select(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  return (
    <div
      ref={group}
      class="vessels"
      role="group"
      aria-label={mapTexts().channels}
      onKeyDown={key}
      onFocusIn={(event) => {
        const id = event.target instanceof HTMLElement ? event.target.dataset['channel'] : undefined;
        if (id !== undefined) stop.value = Number(id);
      }}
    >
      {places.map((place) => (
        <Vessel key={place.id} place={place} selected={chosen === place.id} stop={at === place.id} />
      ))}
    </div>
  );
}

interface Props {
  readonly place: Place;
  readonly selected: boolean;
  readonly stop: boolean;
}

const Vessel = memo(function Vessel({ place, selected, stop }: Props): JSX.Element {
  const element = useRef<HTMLDivElement>(null);
  const { id, kind, x, y, w, h, cells } = place;
  useLayoutEffect(() => {
    if (element.current === null) return;
    const painter = new VesselPainter(element.current, place);
    return () => painter.dispose();
  }, [place]);
  return (
    <div
      ref={element}
      key={`${kind}${cells}`}
      class={`vessel kind-${kind}${place.flip ? ' flip' : ''}${selected ? ' selected' : ''}`}
      role="button"
      data-channel={id}
      tabIndex={stop ? 0 : -1}
      aria-pressed={selected}
      style={{ transform: `translate(${x}px, ${y}px)`, width: `${w}px`, height: `${h}px` }}
    >
      <svg width={w} height={h} aria-hidden="true" focusable="false">
        {kind === 'mailbox' ? <Mailbox place={place} /> : <Tube place={place} />}
      </svg>
      <b class="vessel-head" />
      <div class="vessel-foot">
        <b />
        <span />
        <span />
        <span />
      </div>
    </div>
  );
});

function Tube({ place }: { readonly place: Place }): JSX.Element {
  const { id, kind, w, h, flip } = place;
  const dots = kind === 'slim' ? 4 : 8;
  return (
    <>
      <clipPath id={`glass-${id}`}>
        <rect width={w} height={h} rx={h / 2} />
      </clipPath>
      <rect class="glass" width={w} height={h} rx={h / 2} />
      <g clip-path={`url(#glass-${id})`}>
        <rect class="level" width={w} height={h} />
      </g>
      <rect class="rim" x={1.25} y={1.25} width={w - 2.5} height={h - 2.5} rx={h / 2 - 1.25} />
      <rect class="valve" x={flip ? w : -10} y={h / 2 - 25} width={10} height={50} rx={2} />
      <Dots place={place} n={dots} />
      <text class="vessel-count" x={w / 2} y={h / 2 + 7} text-anchor="middle" />
      <Tray x={flip ? w - 14 : 14} y={0} />
    </>
  );
}

/** The sender's own buffer, before the channel. */
function Tray({ x, y }: { readonly x: number; readonly y: number }): JSX.Element {
  return (
    <g class="tray" transform={`translate(${x} ${y})`}>
      <rect x={-16} y={-12} width={32} height={24} rx={6} />
      <text y={5} text-anchor="middle" />
    </g>
  );
}

function Mailbox({ place }: { readonly place: Place }): JSX.Element {
  const { w, h, cells, flip } = place;
  const size = cell(w, cells);
  const open = h / 2 - 13;
  const r = 10;
  const half = (x: number, dx: number): string =>
    `M${x} ${open}V${r}Q${x} 0 ${x + dx * r} 0H${w / 2}M${x} ${h - open}V${h - r}Q${x} ${h} ${x + dx * r} ${h}H${w / 2}`;
  return (
    <>
      <rect class="glass" width={w} height={h} rx={r} />
      <path class="rim" d={half(0, 1) + half(w, -1)} />
      {Array.from({ length: cells }, (_, i) => (
        <rect key={i} class="cell" x={RIM + i * (size + CELL_GAP)} y={11} width={size} height={h - 22} rx={8} />
      ))}
      <rect class="valve" x={flip ? w : -10} y={h / 2 - 25} width={10} height={50} rx={2} />
      <Dots place={place} n={cells} />
      <Tray x={flip ? w + 22 : -22} y={h / 2} />
    </>
  );
}

function Dots({ place, n }: { readonly place: Place; readonly n: number }): JSX.Element {
  return (
    <>
      {Array.from({ length: n }, (_, i) => {
        const [x, y] = placeOf(place, i);
        return (
          <g key={i} transform={`translate(${x} ${y})`}>
            <DotMark r={place.kind === 'mailbox' ? Math.min(DOT.mailbox, cell(place.w, place.cells) / 2 - 3) : DOT[place.kind]} />
          </g>
        );
      })}
    </>
  );
}

/** The few dots that fly: made once, moved by the frame. */
export function Flyers(): JSX.Element {
  return (
    <svg class="flyers" width="1" height="1" aria-hidden="true" focusable="false">
      {Array.from({ length: FLYERS }, (_, i) => (
        <g key={i} class="flyer">
          <DotMark r={11} />
          <text class="flyer-text" x={18} y={-14} />
        </g>
      ))}
    </svg>
  );
}
