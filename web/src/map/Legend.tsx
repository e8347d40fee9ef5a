import type { JSX } from 'preact';
import { mapTexts } from '../i18n/map';
import { stateTexts } from '../i18n/state';
import { Badge } from '../shell/Badge';
import type { Look } from '../state/words';

const SIGNS: readonly Look[] = [
  { key: 'computing', letter: 'R', shape: 'circle', filled: true, trouble: false },
  { key: 'ready', letter: 'R', shape: 'circle', filled: false, trouble: false },
  { key: 'sleeping', letter: 'S', shape: 'square', filled: false, trouble: false },
  { key: 'blocked', letter: 'S', shape: 'square', filled: true, trouble: true },
  { key: 'stopped', letter: 'T', shape: 'octagon', filled: true, trouble: true },
  { key: 'zombie', letter: 'Z', shape: 'diamond', filled: true, trouble: false },
];

/** The signs and their words, for a phone: its small cards have no room for both. */
export function Legend(): JSX.Element {
  const t = stateTexts();
  return (
    <ul class="legend" aria-label={mapTexts().legend}>
      {SIGNS.map((look) => (
        <li key={look.key}>
          <Badge look={look} size={22} />
          {t[look.key].replace(':', ',').replace(/ libre$| free$/, '')}
        </li>
      ))}
    </ul>
  );
}
