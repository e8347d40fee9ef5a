import { useSignal } from '@preact/signals';
import type { JSX } from 'preact';
import { processName } from '../i18n/names';
import { percent } from '../i18n/numbers';
import { shellTexts } from '../i18n/shell';
import { store } from '../state/store';

/** Up to so many cores have wide meters with a number; more stand upright without, still more are mere lines. */
const WIDE = 4;
const COMPACT = 6;
const UPRIGHT = 16;
const SHOWN = 6;

/** One meter a core; hover or focus tells who ran there. */
export function Meters(): JSX.Element {
  const t = shellTexts();
  const cores = store.cores.value;
  const narrow = cores.length > COMPACT;
  const size = cores.length <= WIDE ? '' : !narrow ? 'compact' : cores.length <= UPRIGHT ? 'narrow' : 'narrow lines';
  const looked = useSignal<number | null>(null);
  return (
    <div class={`meters ${size}`} onMouseLeave={() => (looked.value = null)}>
      <span class="quiet meters-name">{t.cores}</span>
      {cores.map((busy, id) => (
        <button
          key={id}
          type="button"
          class="meter"
          aria-label={t.core(id, percent(busy))}
          aria-expanded={looked.value === id}
          onMouseEnter={() => (looked.value = id)}
          onFocus={() => (looked.value = id)}
          onBlur={() => (looked.value = null)}
          onClick={() => (looked.value = id)}
          onKeyDown={(e) => {
            if (e.key !== 'Escape' || looked.value === null) return;
            looked.value = null;
            e.stopPropagation();
          }}
        >
          {!narrow && <span class="meter-number">{id}</span>}
          <Bar busy={busy} upright={narrow} />
        </button>
      ))}
      {looked.value !== null && <WhoRan core={looked.value} />}
    </div>
  );
}

function Bar({ busy, upright }: { readonly busy: number; readonly upright: boolean }): JSX.Element {
  const share = Math.min(1, Math.max(0, busy));
  const scale = upright ? `scaleY(${share})` : `scaleX(${share})`;
  return (
    <span class={upright ? 'meter-bar upright' : 'meter-bar'}>
      <span class="meter-fill" style={{ transform: scale }} />
    </span>
  );
}

function WhoRan({ core }: { readonly core: number }): JSX.Element {
  const t = shellTexts();
  store.values.value; // eslint-disable-line @typescript-eslint/no-unused-expressions -- subscribes
  const ran = [...store.processes.values()].filter((p) => p.core === core && p.cpu >= 0.005).sort((a, b) => b.cpu - a.cpu);
  return (
    <div class="who" role="status">
      <p class="who-title">{t.core(core, percent(store.cores.value[core] ?? 0))}</p>
      {ran.length === 0 ? (
        <p class="quiet">{t.nobodyRan}</p>
      ) : (
        <>
          <p class="quiet">{t.ranHere}</p>
          <ul>
            {ran.slice(0, SHOWN).map((p) => (
              <li key={p.id}>
                <span class="who-name">{processName(p)}</span>
                <span class="quiet">{p.pid}</span>
                <span class="who-cpu">{percent(p.cpu)}</span>
              </li>
            ))}
          </ul>
          {ran.length > SHOWN && <p class="quiet">{t.more(ran.length - SHOWN)}</p>}
        </>
      )}
    </div>
  );
}
