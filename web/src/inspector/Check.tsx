import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { inspectorTexts } from '../i18n/inspector';
import { store } from '../state/store';

/** Commands that show the same in a terminal, for a process and the system it runs on. */
export function commandsFor(pid: number, os: string): readonly string[] {
  const ps = os === 'linux' ? `ps -o pid,ppid,stat,%cpu,comm -p ${pid}` : `ps -o pid,ppid,state,%cpu,comm -p ${pid}`;
  return [ps, os === 'linux' ? `ls -l /proc/${pid}/fd` : `lsof -p ${pid}`];
}

/** 'Check it yourself': nobody has to believe the page. */
export function Check({ pid }: { readonly pid: number }): JSX.Element {
  const t = inspectorTexts();
  return (
    <section class="check" aria-labelledby="inspector-check">
      <h3 id="inspector-check">{t.check}</h3>
      {commandsFor(pid, store.machine.value?.host.os ?? 'linux').map((command) => (
        <Command key={command} text={command} />
      ))}
    </section>
  );
}

type Copied = 'no' | 'yes' | 'selected';

/** A command and a button that copies it. */
export function Command({ text }: { readonly text: string }): JSX.Element {
  const t = inspectorTexts();
  const [copied, setCopied] = useState<Copied>('no');
  const copy = async (event: MouseEvent): Promise<void> => {
    const code = event.currentTarget instanceof Element ? event.currentTarget.parentElement?.querySelector('code') : null;
    setCopied((await toClipboard(text)) ? 'yes' : select(code) ? 'selected' : 'no');
    setTimeout(() => setCopied('no'), 3000);
  };
  return (
    <p class="command">
      <code tabIndex={0}>{text}</code>
      <button type="button" onClick={(event) => void copy(event)} aria-label={`${t.copy}: ${text}`}>
        {t.copy}
      </button>
      <span class="command-done" role="status">
        {copied === 'yes' ? t.copied : copied === 'selected' ? t.selected : ''}
      </span>
    </p>
  );
}

/** False where the browser has no clipboard for us. */
export async function toClipboard(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false; // without https a browser has no clipboard
  }
}

/** Where there is no clipboard the text is at least selected. */
function select(code: Element | null | undefined): boolean {
  const selection = getSelection();
  if (!code || selection === null) return false;
  selection.selectAllChildren(code);
  return true;
}
