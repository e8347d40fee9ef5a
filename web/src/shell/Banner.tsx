import type { JSX } from 'preact';
import { shellTexts } from '../i18n/shell';
import { store } from '../state/store';
import { token } from '../state/token';

/** Says when what is seen is not what is. It lies over the view: nothing moves when it comes. */
export function Banner(): JSX.Element {
  const t = shellTexts();
  const status = store.status.value;
  const text =
    status === 'stale'
      ? t.stale
      : status === 'refused'
        ? token() === ''
          ? t.noToken
          : t.refused
        : status === 'connecting'
          ? t.connecting
          : '';
  return (
    <div class="banner-place" role="status">
      {text !== '' && <p class={`banner ${status}`}>{text}</p>}
    </div>
  );
}
