/** What all processes write, stdout and stderr, in the order in which it came, each line with its process. */
import type { JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { Chip } from '../badge/Chip';
import { logTexts } from '../i18n/log';
import { processName } from '../i18n/names';
import { select } from '../state/actions';
import { store } from '../state/store';
import { ConsoleLines, type ConsoleLine } from './console';
import { DrawerFrame } from './DrawerFrame';
import { LineList } from './LineList';
import { rowNow } from './rownow';
import { namesOf } from './story';

export function ConsoleDrawer(): JSX.Element {
  const t = logTexts();
  const kept = useRef<ConsoleLines | null>(null);
  const lines = (kept.current ??= new ConsoleLines());
  lines.take(store.events.value);
  const known = namesOf(store.events.value);
  const run = store.machine.value?.run === true;
  return (
    <DrawerFrame id="consoles" title={t.consoles}>
      {lines.lines.length > 0 ? (
        <LineList
          class="console-lines"
          lines={lines.lines.slice()}
          keyOf={(line) => line.key}
          draw={(line) => <Line key={line.key} line={line} known={known} />}
          height={24}
          label={t.consoleLines}
        />
      ) : (
        <p class="log-none">{run ? t.run : t.silent}</p>
      )}
    </DrawerFrame>
  );
}

function Line({ line, known }: { readonly line: ConsoleLine; readonly known: ReadonlyMap<number, string> }): JSX.Element {
  const t = logTexts();
  const row = rowNow(line.id);
  const name = row === undefined ? (known.get(line.id) ?? '') : processName(row);
  const who = (
    <>
      <Chip id={line.id} />
      <bdi>{name}</bdi>
      <span class="log-pid">{line.pid}</span>
    </>
  );
  return (
    <div class={`console-line ${line.stream}`} data-pid={line.pid}>
      {row === undefined ? (
        <span class="console-who">{who}</span>
      ) : (
        <button type="button" class="console-who" onClick={() => select(line.id)}>
          {who}
        </button>
      )}
      {line.stream === 'stderr' && <span class="console-stream">{t.errorStream}</span>}
      <code>{line.text}</code>
    </div>
  );
}
