import type { ComponentChildren, JSX } from 'preact';
import { useRef } from 'preact/hooks';
import { inspectorTexts } from '../i18n/inspector';
import { bytes, clock, duration, percent } from '../i18n/numbers';
import { processName } from '../i18n/names';
import { channelName } from '../channel/name';
import { select, selectChannel } from '../state/actions';
import { second } from '../state/second';
import { isEnded, store, type Row } from '../state/store';
import { age } from '../table/age';
import type { Details, ExitedEvent } from '../wire';

export function Facts({ row, details }: { readonly row: Row; readonly details: Details | null }): JSX.Element {
  const t = inspectorTexts();
  const over = isEnded(row);
  const zombie = row.state === 'Z' || row.state === 'X';
  const pss = details?.memory?.pss;
  return (
    <dl class="facts">
      <Fact name={t.facts.pid}>{row.pid}</Fact>
      <Fact name={t.facts.parent}>
        <Parent row={row} />
      </Fact>
      {!over && !zombie && (
        <>
          <Fact name={t.facts.threads}>{row.threads}</Fact>
          <Fact name={t.facts.rss}>{bytes(row.rss)}</Fact>
          <Fact name={t.facts.pss}>{details === null ? '…' : typeof pss === 'number' ? bytes(pss) : t.unknown}</Fact>
          <Fact name={t.facts.wait}>{row.wait === null ? t.unknown : t.ofTime(percent(row.wait))}</Fact>
        </>
      )}
      <Fact name={t.facts.started}>
        <Started at={row.started} over={over} />
      </Fact>
      {(over || zombie) && <Ending id={row.id} />}
      {!over && <Held id={row.id} />}
      {row.progress !== null && <Fact name={t.facts.progress}>{percent(row.progress)}</Fact>}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }): JSX.Element {
  return (
    <div class="fact">
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Parent({ row }: { readonly row: Row }): JSX.Element {
  const parent = row.parent === 0 ? undefined : store.row(row.parent).value;
  if (parent === undefined) return <>{row.ppid}</>;
  return (
    <button type="button" class="link" onClick={() => select(parent.id)}>
      {row.ppid} <bdi>{processName(parent)}</bdi>
    </button>
  );
}

/** The channels that it writes and reads: a click looks inside. */
function Held({ id }: { readonly id: number }): JSX.Element {
  const t = inspectorTexts();
  store.wiring.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const all = [...store.channels.values()];
  return (
    <>
      {(['writers', 'readers'] as const).map((end) => {
        const held = all.filter((channel) => channel[end].includes(id));
        return (
          held.length > 0 && (
            <Fact key={end} name={t.facts[end]}>
              {held.map((channel) => (
                <button key={channel.id} type="button" class="link" onClick={() => selectChannel(channel.id)}>
                  <bdi>{channelName(channel)}</bdi>
                </button>
              ))}
            </Fact>
          )
        );
      })}
    </>
  );
}

/** What the log tells of its end: when, and what it used in its whole life. */
function Ending({ id }: { readonly id: number }): JSX.Element | null {
  const t = inspectorTexts();
  const exit = store.events.value.findLast((event): event is ExitedEvent => event.kind === 'exited' && event.id === id);
  // It may drop out of the log while it is looked at.
  const kept = useRef<ExitedEvent | undefined>(undefined);
  kept.current = exit ?? kept.current;
  const told = kept.current;
  if (told === undefined) return null;
  return (
    <>
      <Fact name={t.facts.ended}>{clock(told.at)}</Fact>
      {typeof told.cpu === 'number' && <Fact name={t.facts.cpuTotal}>{duration(told.cpu)}</Fact>}
      {typeof told.rss === 'number' && told.rss > 0 && <Fact name={t.facts.rssMost}>{bytes(told.rss)}</Fact>}
    </>
  );
}

/** Drawn again once a second, alone. */
function Started({ at, over }: { readonly at: number; readonly over: boolean }): JSX.Element {
  const now = second.value || store.at;
  const time = clock(at).slice(0, -2);
  return <>{over ? time : inspectorTexts().ago(time, age(now - at))}</>;
}
