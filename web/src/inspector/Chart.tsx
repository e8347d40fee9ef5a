/** Numbers of the last minute as lines. Draws in the page's frames, and only while it can be seen. */
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import uPlot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { drawer } from '../frame';
import { inspectorTexts } from '../i18n/inspector';
import { second } from '../state/second';
import { store } from '../state/store';
import { theme } from '../state/theme';

type Values = readonly (number | null)[];

export interface Line {
  /** custom property of its colour */
  readonly colour: string;
  /** the area below it is tinted */
  readonly filled: boolean;
}

interface Props {
  /** what it is about: another one is another chart */
  readonly id: string;
  readonly title: string;
  /** the value now, as words */
  readonly value: string;
  /** class of the value */
  readonly tone?: string;
  /** as many as data has lists */
  readonly lines: readonly Line[];
  /** times in ms since the epoch, oldest first, and a list for each line */
  readonly data: () => { readonly times: readonly number[]; readonly lists: readonly Values[] };
  /** how far the upper edge reaches */
  readonly top: (values: Values) => number;
  /** a value on the scale */
  readonly format: (value: number) => string;
  /** width of the scale at the right, in px at a type size of 13 */
  readonly scale: number;
  /** ms since the epoch, null: there is no mark for when it started */
  readonly started: number | null;
  /** true: it ended, and the chart stays as it was */
  readonly over: boolean;
}

/** px */
const HEIGHT = 82;
/** uPlot's number for the right side: its enum exists in its types only */
// eslint-disable-next-line @typescript-eslint/no-unsafe-enum-assignment -- so there is no member to name
const RIGHT = 1 as uPlot.Axis.Side;
/** seconds on the time axis */
const SPAN = 60;

/** The type size of the charts' words in px: larger on the projector. */
const typeSize = (): number => parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--text-xs')) || 13;

export function Chart(props: Props): JSX.Element {
  const { id, title, value, tone, scale, started, over } = props;
  const t = inspectorTexts();
  const box = useRef<HTMLDivElement>(null);
  const born = useRef<HTMLSpanElement>(null);
  const early = useRef<HTMLSpanElement>(null);
  const now = theme.value;
  const scaleWidth = Math.round((scale * typeSize()) / 13);
  const { data, top } = props;

  useEffect(() => {
    const el = box.current;
    if (el === null) return;
    let bornAt = -Infinity;
    let width = el.clientWidth;
    const plot = new uPlot(
      options(props, width, scaleWidth, () => bornAt),
      [[], ...props.lines.map(() => [])],
      el,
    );
    let seen = true;
    const draw = drawer(() => {
      if (!seen) return;
      const series = data();
      const at = series.times.at(-1);
      if (at === undefined) return; // it has ended and is forgotten: what is drawn stays
      bornAt = started === null ? -Infinity : (started - at) / 1000;
      const from = series.times.findIndex((time) => time > at - (SPAN + 1) * 1000);
      const times = series.times.slice(from).map((time) => (time - at) / 1000);
      const lists = series.lists.map((values) => values.slice(from));
      plot.setData([times, ...lists], false);
      plot.batch(() => {
        plot.setScale('x', { min: -SPAN, max: 0 });
        plot.setScale('y', { min: 0, max: Math.max(...lists.map(top)) });
      });
      placeBorn(born.current, early.current, bornAt, width - scaleWidth);
    });
    const watch = new IntersectionObserver(([entry]) => {
      seen = entry?.isIntersecting === true;
      if (seen) draw.mark();
    });
    watch.observe(el);
    const sizes = new ResizeObserver(() => {
      if (el.clientWidth === width || el.clientWidth === 0) return;
      width = el.clientWidth;
      plot.setSize({ width, height: HEIGHT });
      draw.mark();
    });
    sizes.observe(el);
    const stop = effect(() => {
      // A new sample comes with each tick; the slow clock covers ticks in which nothing changed.
      if (store.values.value + store.flow.value + second.value >= 0) draw.mark();
    });
    return () => {
      stop();
      watch.disconnect();
      sizes.disconnect();
      draw.dispose();
      plot.destroy();
    };
  }, [id, started, now]);

  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <b class={tone}>{value}</b>
      </figcaption>
      <div ref={box} class="chart-plot" role="img" aria-label={t.chart(title, value)} />
      <p class="chart-times" aria-hidden="true" style={{ marginRight: `${scaleWidth}px` }}>
        <span ref={early}>{t.minuteAgo}</span>
        <span ref={born} class="chart-born" hidden>
          {t.born}
        </span>
        <span class="chart-now">{over ? t.end : t.now}</span>
      </p>
    </figure>
  );
}

/** Puts the mark's word under it, as far as the words at both ends leave room. at: seconds, 0 is now. */
function placeBorn(born: HTMLElement | null, early: HTMLElement | null, at: number, width: number): void {
  if (born === null || early === null) return;
  const x = (1 + at / SPAN) * width;
  born.hidden = !(x >= 0);
  early.hidden = x >= 0 && x < 66;
  if (x >= 0) born.style.left = `${Math.max(18, Math.min(x, width - 66))}px`;
}

function options({ lines, format }: Props, width: number, scaleWidth: number, bornAt: () => number): uPlot.Options {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string): string => style.getPropertyValue(name).trim();
  const ink = colour('--ink2');
  const grid = colour('--line');
  return {
    width,
    height: HEIGHT,
    padding: [9, 0, 9, 0],
    cursor: { show: false },
    legend: { show: false },
    scales: { x: { time: false, auto: false, range: [-SPAN, 0] }, y: { auto: false, range: (_, min, max) => [min, max] } },
    axes: [
      { show: false },
      {
        side: RIGHT,
        size: scaleWidth,
        gap: 8,
        font: `${typeSize()}px 'Inter Variable', system-ui`,
        stroke: ink,
        ticks: { show: false },
        grid: { stroke: grid, width: 1 },
        splits: (u) => {
          const top = u.scales.y?.max ?? 1;
          return [0, top / 2, top];
        },
        values: (_, splits) => splits.map(format),
      },
    ],
    series: [{}, ...lines.map(({ colour: name, filled }) => ({ stroke: colour(name), ...(filled ? { fill: `${colour(name)}30` } : {}), width: 2, points: { show: false } }))],
    hooks: {
      draw: [
        (u) => {
          const { ctx } = u;
          const px = uPlot.pxRatio;
          const x = bornAt();
          if (x > -SPAN) {
            const left = u.valToPos(x, 'x', true);
            ctx.strokeStyle = ink;
            ctx.lineWidth = px;
            ctx.beginPath();
            ctx.moveTo(left, u.bbox.top);
            ctx.lineTo(left, u.bbox.top + u.bbox.height);
            ctx.stroke();
          }
          lines.forEach(({ colour: name }, i) => {
            const last = u.data[i + 1]?.at(-1);
            if (last === undefined || last === null) return;
            ctx.fillStyle = colour(name);
            ctx.beginPath();
            ctx.arc(u.valToPos(0, 'x', true) - 3 * px, u.valToPos(last, 'y', true), 4 * px, 0, 2 * Math.PI);
            ctx.fill();
          });
        },
      ],
    },
  };
}
