import { signal } from '@preact/signals';
import type { ComponentChildren, JSX } from 'preact';
import { useState } from 'preact/hooks';

interface Props {
  readonly name: string;
  readonly title: string;
  /** beside the title, e.g. how many */
  readonly note?: string;
  /** true: shut again for each process */
  readonly shy?: boolean;
  readonly children: ComponentChildren;
}

/** Sections that stay open from one process to the next. */
const kept = signal<ReadonlySet<string>>(new Set());

/** A part that opens on a click; what it holds exists only while it is open. */
export function Section({ name, title, note = '', shy = false, children }: Props): JSX.Element {
  const [own, setOwn] = useState(false);
  const open = shy ? own : kept.value.has(name);
  const flip = (): void => {
    if (shy) {
      setOwn(!own);
      return;
    }
    const next = new Set(kept.value);
    if (!next.delete(name)) next.add(name);
    kept.value = next;
  };
  return (
    <div class="inspector-section" data-section={name}>
      <h3>
        <button type="button" class="section-head" aria-expanded={open} onClick={flip}>
          <span class="section-arrow" aria-hidden="true">
            {open ? '▾' : '▸'}
          </span>
          {title}
          {note !== '' && <span class="section-note">{note}</span>}
        </button>
      </h3>
      {open && <div class="section-body">{children}</div>}
    </div>
  );
}
