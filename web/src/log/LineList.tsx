/** A long list of lines of equal height that follows its end until somebody scrolls up. Only lines in sight exist. */
import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { logTexts } from '../i18n/log';
import { useWindow } from '../table/windowed';

interface Props<T> {
  readonly lines: readonly T[];
  readonly keyOf: (line: T) => number;
  readonly draw: (line: T) => ComponentChildren;
  /** px, as the style sheet has it */
  readonly height: number;
  readonly label: string;
  readonly class: string;
}

export function LineList<T>({ lines, keyOf, draw, height, label, class: name }: Props<T>): JSX.Element {
  const t = logTexts();
  const box = useRef<HTMLDivElement>(null);
  const [follow, setFollow] = useState(true);
  /** the line at the upper edge, and how far it is scrolled off: it stays there when older ones are dropped */
  const anchor = useRef<{ key: number; off: number } | null>(null);
  const { from, to } = useWindow(box, height, lines.length);

  useLayoutEffect(() => {
    const el = box.current;
    if (el === null) return;
    if (follow) {
      el.scrollTop = el.scrollHeight;
      return;
    }
    const kept = anchor.current;
    if (kept === null) return;
    const at = lines.findIndex((line) => keyOf(line) >= kept.key);
    const top = (at < 0 ? 0 : at) * height + kept.off;
    if (Math.abs(top - el.scrollTop) >= 1) el.scrollTop = top;
  }, [lines, lines.length, follow, height]);

  const onScroll = (): void => {
    const el = box.current;
    if (el === null) return;
    const first = lines[Math.floor(el.scrollTop / height)];
    anchor.current = first === undefined ? null : { key: keyOf(first), off: el.scrollTop % height };
    setFollow(el.scrollTop + el.clientHeight >= el.scrollHeight - height / 2);
  };

  useEffect(() => {
    // The box may have been measured before its drawer had its height.
    if (box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, []);

  return (
    <div class={`line-list ${name}`}>
      <div class="line-box" ref={box} tabIndex={0} role="log" aria-live="off" aria-label={label} onScroll={onScroll}>
        <div class="line-room" style={{ height: `${lines.length * height}px` }}>
          <div class="line-shift" style={{ transform: `translateY(${from * height}px)` }}>
            {lines.slice(from, to).map((line) => draw(line))}
          </div>
        </div>
      </div>
      {!follow && (
        <button type="button" class="button line-end" onClick={() => setFollow(true)}>
          {t.toEnd} ↓
        </button>
      )}
    </div>
  );
}
