import type { JSX } from 'preact';
import { workloadName } from '../i18n/names';
import { timeTexts } from '../i18n/time';
import { lastChoice, repeat } from '../state/actions';

/** Starts the last choice once more. */
export function Repeat(): JSX.Element {
  const t = timeTexts();
  const choice = lastChoice.value;
  const what = choice?.map(({ workload, count = 1 }) => workloadName(workload) + (count > 1 ? ` × ${count}` : '')).join(', ');
  return (
    <button type="button" class="button plain" disabled={what === undefined} title={what === undefined ? t.nothingToRepeat : t.repeatHint(what)} onClick={() => void repeat()}>
      {t.repeat}
    </button>
  );
}
