/** How much and why: one process from the inside, and all that may be done to it, or one channel. Opens with a selection. */
import type { JSX } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { ChipMark } from '../badge/Chip';
import { numbers } from '../badge/numbers';
import { ChannelView } from '../channel/ChannelView';
import { inspectorTexts } from '../i18n/inspector';
import { processName } from '../i18n/names';
import { Badge } from '../shell/Badge';
import { Cross } from '../shell/icons';
import { select } from '../state/actions';
import { childCount } from '../state/family';
import { useSecond } from '../state/second';
import { isEnded, store, type Row } from '../state/store';
import { lookOf, reasonOf, stateWord } from '../state/words';
import { Actions } from './Actions';
import { Check } from './Check';
import { Console } from './Console';
import { useDetails } from './details';
import { Facts } from './Facts';
import { Inside } from './Inside';
import { ProcessChart } from './ProcessChart';
import './inspector.css';
import { Section } from './Section';

export function Inspector(): JSX.Element | null {
  const id = store.selected.value;
  const channel = store.selectedChannel.value;
  const from = useFocusBack();
  return id === null && channel === null ? null : (
    <div class="inspector" id="inspector" tabIndex={-1} ref={from}>
      {id !== null ? <Process key={id} id={id} /> : channel !== null && <ChannelView key={`channel ${channel}`} id={channel} />}
    </div>
  );
}

/** Gives the focus back to where it was when the inspector opened, if it is in the inspector when that closes. */
function useFocusBack(): { current: HTMLDivElement | null } {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    const el = box.current;
    const before = document.activeElement;
    return () => {
      if (el === null || !el.contains(document.activeElement)) return;
      if ((before instanceof HTMLElement || before instanceof SVGElement) && before !== document.body && before.isConnected) before.focus({ preventScroll: true });
      else document.querySelector<HTMLElement>('#view [tabindex="0"]')?.focus({ preventScroll: true });
    };
  }, []);
  return box;
}

function Process({ id }: { readonly id: number }): JSX.Element {
  const t = inspectorTexts();
  const now = store.row(id).value;
  const last = useRef<Row | undefined>(undefined);
  last.current = now ?? last.current;
  const chip = useRef<number | undefined>(undefined);
  chip.current = numbers.value.get(id) ?? chip.current;
  const row = last.current;
  const alive = now !== undefined && !isEnded(now);
  const { details, problem } = useDetails(id, alive);
  useSecond();

  const close = (
    <button type="button" class="icon-button" aria-label={t.close} onClick={() => select(null)}>
      <Cross />
    </button>
  );
  if (row === undefined) {
    return (
      <div class="inspector-head">
        <p>{t.lost}</p>
        {close}
      </div>
    );
  }
  const over = isEnded(row);
  const children = childCount(id);
  const look = lookOf(row);
  const reason = now === undefined && !over ? t.lost : reasonOf(row, children);
  return (
    <>
      <div class="inspector-head">
        {chip.current !== undefined && <ChipMark number={chip.current} />}
        <h2>
          <bdi>{processName(row)}</bdi>
        </h2>
        {close}
      </div>
      <p class="inspector-state">
        <Badge look={look} size={26} />
        <span class={`look-word look-${look.key}`}>{stateWord(row)}</span>
        {!over && row.core >= 0 && row.state !== 'Z' && <span class="inspector-core">{t.core(row.core)}</span>}
      </p>
      {reason !== '' && <p class="inspector-reason">{reason}</p>}
      {problem !== '' && <p class="refusal">{problem}</p>}
      <Facts row={row} details={details} />
      <ProcessChart row={row} what="cpu" />
      <Actions row={row} />
      <ProcessChart row={row} what="rss" />
      <Check pid={row.pid} />
      <Section name="console" title={t.sections.console}>
        <Console id={id} />
      </Section>
      <Inside details={details} />
    </>
  );
}
