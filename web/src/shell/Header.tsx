import type { JSX } from 'preact';
import { language, setLanguage, type Language } from '../i18n';
import { bytes, number, percent } from '../i18n/numbers';
import { shellTexts } from '../i18n/shell';
import { store } from '../state/store';
import { followingTheme, setTheme, theme } from '../state/theme';
import { Logo, ThemeIcon } from './icons';
import { Meters } from './Meters';
import { phone } from './phone';

/** The machine, read only. */
export function Header(): JSX.Element {
  return (
    <header class="header">
      <h1 class="brand">
        <Logo />
        <span>Vivero</span>
      </h1>
      <Meters />
      {!phone.value && <MemoryUse />}
      {!phone.value && <ObserverCost />}
      <span class="push" />
      {!phone.value && <Viewers />}
      <Languages />
      <ThemeButton />
    </header>
  );
}

function MemoryUse(): JSX.Element | null {
  const t = shellTexts();
  const memory = store.memory.value;
  if (memory === null || memory.total === 0) return null;
  const used = memory.used >= 0.9995e9 || memory.total >= 10e9 ? number(memory.used / 1e9, 1) : bytes(memory.used);
  return (
    <span class="quiet">
      {t.memory} <b>{used}</b> {t.of} {bytes(memory.total)}
    </span>
  );
}

function ObserverCost(): JSX.Element | null {
  const t = shellTexts();
  const observer = store.observer.value;
  const machine = store.machine.value;
  if (observer === null || machine === null) return null;
  return (
    <span class="quiet observer">
      {t.observing} <b>{percent(observer.cpu, 1)}</b> · {machine.reader}
    </span>
  );
}

export function Viewers(): JSX.Element {
  return <span class="quiet viewers">{shellTexts().viewers(store.viewers.value)}</span>;
}

function Languages(): JSX.Element {
  const t = shellTexts();
  const one = (code: Language): JSX.Element => (
    <button type="button" aria-pressed={language.value === code} lang={code} onClick={() => setLanguage(code)}>
      {code.toUpperCase()}
    </button>
  );
  return (
    <div class="segments" role="group" aria-label={t.language}>
      {one('es')}
      {one('en')}
    </div>
  );
}

function ThemeButton(): JSX.Element {
  const t = shellTexts();
  const next = followingTheme(theme.value);
  const label = `${t.theme[theme.value]}; ${t.themeNext[next]}`;
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={() => setTheme(next)}>
      <ThemeIcon theme={theme.value} />
    </button>
  );
}
