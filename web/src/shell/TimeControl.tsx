import type { JSX } from 'preact';
import { processName } from '../i18n/names';
import { timeTexts } from '../i18n/time';
import { mayAct } from '../state/actions';
import { store } from '../state/store';
import { held, pace, PACES, pause, resume, setPace, step, ungated } from '../state/time';
import { PauseIcon, PlayIcon, StepIcon } from './icons';
import { phone } from './phone';
import { RefusalNote } from './RefusalNote';

/** The one control of time; viewers see how it stands. */
export function TimeControl(): JSX.Element {
  return mayAct.value ? <Controls /> : <Standing />;
}

function Controls(): JSX.Element {
  const t = timeTexts();
  const { paused } = store.control.value;
  return (
    <div class="time" role="group" aria-label={t.time}>
      <button type="button" class={`button pause${paused ? ' held' : ''}`} onClick={() => void (paused ? resume() : pause())}>
        {paused ? <PlayIcon /> : <PauseIcon />}
        <span class="button-word">{paused ? t.resume : t.pause}</span>
      </button>
      <button type="button" class="button" title={t.stepHint} onClick={() => void step()}>
        <StepIcon />
        <span class="button-word">{t.step}</span>
      </button>
      <SlowMotion />
      <div class="foot-refusal">
        <RefusalNote spot="time" />
      </div>
    </div>
  );
}

/** The place of the slider in PACES; another client may have asked for what lies between. */
const placeOf = (ms: number): number => PACES.filter((at, i) => i > 0 && (at + (PACES[i - 1] ?? 0)) / 2 <= ms).length;

function SlowMotion(): JSX.Element {
  const t = timeTexts();
  const ms = pace.value;
  return (
    <label class={`slow${ms > 0 ? ' held' : ''}`}>
      <span class="slow-words">{!phone.value ? t.slowed(t.pace(ms)) : ms > 0 ? t.pace(ms) : t.slow}</span>
      <input
        type="range"
        min={0}
        max={PACES.length - 1}
        step={1}
        value={placeOf(ms)}
        aria-label={t.slow}
        aria-valuetext={t.pace(ms)}
        onInput={(e) => void setPace(PACES[Number(e.currentTarget.value)] ?? 0)}
      />
    </label>
  );
}

function Standing(): JSX.Element | null {
  const t = timeTexts();
  const { paused, delay_ms } = store.control.value;
  if (!paused && delay_ms === 0) return null;
  return <span class="slow held standing">{paused ? t.paused : t.slowed(t.pace(delay_ms))}</span>;
}

/** Names that are told; the rest is a number. */
const NAMED = 3;

/** In the toolbar: that nothing measured now counts, and who goes on all the same. */
export function HeldNote(): JSX.Element {
  const t = timeTexts();
  return (
    <span class="held-note" role="status">
      {held.value && <b>{store.control.value.paused ? t.pausedNote : t.slowNote}</b>}
      <Ungated />
    </span>
  );
}

function Ungated(): JSX.Element | null {
  const t = timeTexts();
  const ids = ungated.value;
  if (ids.length === 0) return null;
  const names = [...new Set(ids.map((id) => store.processes.get(id)).filter((p) => p !== undefined).map(processName))];
  const told = names.slice(0, NAMED).join(', ') + (names.length > NAMED ? ', …' : '');
  const sentence = t.ungated(ids.length, told);
  return (
    <span class="ungated" title={`${t.ungated(ids.length, names.join(', '))}. ${t.ungatedWhy}`}>
      {sentence}
    </span>
  );
}
