import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { shellTexts } from '../i18n/shell';
import { mayAct } from '../state/actions';
import { helpOpen } from '../state/ui';
import { Cross } from './icons';

/** The keys, in a dialog. */
export function Help(): JSX.Element | null {
  const t = shellTexts().help;
  const box = useRef<HTMLDialogElement>(null);
  const open = helpOpen.value;
  useEffect(() => {
    if (open) box.current?.showModal();
  }, [open]);
  if (!open) return null;
  const row = (keys: string, text: string): JSX.Element => (
    <div class="key-row" key={keys}>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{text}</dd>
    </div>
  );
  return (
    <dialog ref={box} class="help" aria-labelledby="help-title" onClose={() => (helpOpen.value = false)}>
      <div class="drawer-head">
        <h2 id="help-title">{t.title}</h2>
        <button type="button" class="icon-button" aria-label={t.close} onClick={() => box.current?.close()}>
          <Cross />
        </button>
      </div>
      <h3>{t.anywhere}</h3>
      <dl>
        {row('/', t.find)}
        {row('?', t.help)}
        {row('Esc', t.escape)}
        {mayAct.value && row('␣', t.space)}
      </dl>
      <h3>{t.onCard}</h3>
      <dl>
        {row('← ↑ ↓ →', t.arrows)}
        {row('↵', t.enter)}
        {mayAct.value && row('k', t.kill)}
        {mayAct.value && row('s', t.stop)}
        {mayAct.value && row('n', t.child)}
      </dl>
    </dialog>
  );
}
