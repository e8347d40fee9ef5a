import type { JSX } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { inspectorTexts } from '../i18n/inspector';
import { logTexts } from '../i18n/log';
import { literal } from '../log/literal';
import { api, type Output } from '../state/api';
import { store } from '../state/store';
import { outputOf, type Piece } from './output';

interface Asked {
  readonly answer: Output;
  /** the last event seen when it was asked for */
  readonly seq: number;
  /** the last event seen when it was there */
  readonly until: number;
}

/** ms that events may lag behind an answer: they are gathered for 10 ms, and take another way */
const LAG = 100;

const newest = (): number => store.events.peek().at(-1)?.seq ?? 0;

/** Shown of it: a terminal's worth and more, while the page stays quick. */
const SHOWN = 32 * 1024;

/** The process's console: what it wrote lately, then live. Asked for anew when the log no longer reaches back. */
export function Console({ id }: { readonly id: number }): JSX.Element {
  const t = inspectorTexts();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [problem, setProblem] = useState('');
  const box = useRef<HTMLPreElement>(null);
  const [follow, setFollow] = useState(true);
  const events = store.events.value;
  const oldest = events[0]?.seq ?? 0;
  const stale = asked !== null && oldest > asked.seq + 1;

  useEffect(() => {
    let over = false;
    const seq = newest();
    const ask = async (): Promise<void> => {
      try {
        const answer = await api.output(id);
        await new Promise((done) => setTimeout(done, LAG));
        if (!over) setAsked({ answer, seq, until: newest() });
      } catch (error) {
        if (!over) setProblem(error instanceof Error ? error.message : String(error));
      }
    };
    void ask();
    return () => {
      over = true;
    };
  }, [id, stale]);

  const pieces = asked === null ? [] : lastOf(outputOf(asked.answer, id, events, asked.seq, asked.until));
  useLayoutEffect(() => {
    const el = box.current;
    if (el !== null && follow) el.scrollTop = el.scrollHeight;
  });

  if (asked === null) return problem === '' ? <p class="quiet">{t.looking}</p> : <p class="refusal">{problem}</p>;
  const note = store.machine.value?.run === true ? logTexts().run : (asked.answer.note ?? '');
  if (pieces.length === 0) return <p class="quiet">{note === '' ? t.empty : note}</p>;
  return (
    <div class="console">
      <pre
        ref={box}
        class="console-text"
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t.sections.console}
        onScroll={(event) => {
          const el = event.currentTarget;
          setFollow(el.scrollTop + el.clientHeight >= el.scrollHeight - 12);
        }}
      >
        {pieces.map((piece, i) => (
          <span key={i} class={piece.stream}>
            {literal(piece.text)}
          </span>
        ))}
      </pre>
      {!follow && (
        <button type="button" class="button console-end" onClick={() => setFollow(true)}>
          {t.follow} ↓
        </button>
      )}
    </div>
  );
}

function lastOf(pieces: readonly Piece[]): readonly Piece[] {
  let room = SHOWN;
  const kept: Piece[] = [];
  for (const piece of [...pieces].reverse()) {
    if (room <= 0) break;
    kept.unshift({ stream: piece.stream, text: piece.text.slice(-room) });
    room -= piece.text.length;
  }
  return kept;
}
