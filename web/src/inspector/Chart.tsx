/** Numbers of the last minute as lines. Draws in the page's frames, and only while it can be seen. */
import { effect } from '@preact/signals';
import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { drawer } from '../frame';
import { inspectorTexts } from '../i18n/inspector';
import { second } from '../state/second';
import { store } from '../state/store';
import { theme } from '../state/theme';
import { drawPicture } from './plot';

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
/** seconds on the time axis */
const SPAN = 60;

/** The type size of the charts' words in px: larger on the projector. */
const typeSize = (): number => parseFloat(getComputedStyle(document.documentElement).getPropertyValue('--text-xs')) || 13;

export function Chart(props: Props): JSX.Element {
  const { id, title, value, tone, scale, started, over } = props;
  const t = inspectorTexts();
  const box = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const bornMark = useRef<HTMLSpanElement>(null);
  const early = useRef<HTMLSpanElement>(null);
  const now = theme.value;
  const scaleWidth = Math.round((scale * typeSize()) / 13);
  const { data, top } = props;

  useEffect(() => {
    const el = box.current;
    const context = canvas.current?.getContext('2d');
    if (el === null || canvas.current === null || !context) return;
    const sheet = canvas.current;
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    let seen = true;
    const draw = drawer(() => {
      if (!seen) return;
      const series = data();
      const at = series.times.at(-1);
      if (at === undefined) return; // it has ended and is forgotten: what is drawn stays
      const born = started === null ? -Infinity : (started - at) / 1000;
      const from = series.times.findIndex((time) => time > at - (SPAN + 1) * 1000);
      const lists = series.lists.map((values) => values.slice(from));
      const width = el.clientWidth;
      const ratio = window.devicePixelRatio || 1;
      if (sheet.width !== Math.round(width * ratio)) {
        sheet.width = Math.round(width * ratio);
        sheet.height = Math.round(HEIGHT * ratio);
        sheet.style.width = `${width}px`;
        sheet.style.height = `${HEIGHT}px`;
      }
      drawPicture(context, {
        width,
        height: HEIGHT,
        ratio,
        scale: scaleWidth,
        span: SPAN,
        times: series.times.slice(from).map((time) => (time - at) / 1000),
        curves: props.lines.map((line, i) => ({ colour: colour(line.colour), filled: line.filled, values: lists[i] ?? [] })),
        top: Math.max(...lists.map(top)),
        format: props.format,
        born,
        ink: colour('--ink2'),
        grid: colour('--line'),
        font: `${typeSize()}px 'Inter Variable', system-ui`,
      });
      placeBorn(bornMark.current, early.current, born, width - scaleWidth);
    });
    const watch = new IntersectionObserver(([entry]) => {
      seen = entry?.isIntersecting === true;
      if (seen) draw.mark();
    });
    watch.observe(el);
    const sizes = new ResizeObserver(() => {
      if (el.clientWidth > 0) draw.mark();
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
    };
  }, [id, started, now]);

  return (
    <figure class="chart">
      <figcaption>
        <span>{title}</span>
        <b class={tone}>{value}</b>
      </figcaption>
      <div ref={box} class="chart-plot" role="img" aria-label={t.chart(title, value)}>
        <canvas ref={canvas} />
      </div>
      <p class="chart-times" aria-hidden="true" style={{ marginRight: `${scaleWidth}px` }}>
        <span ref={early}>{t.minuteAgo}</span>
        <span ref={bornMark} class="chart-born" hidden>
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
