/** Texts in two languages. A section that lacks a text in one of them does not compile. */
import { signal } from '@preact/signals';

export type Language = 'en' | 'es';

const KEY = 'vivero.language';

function remembered(): Language {
  try {
    const kept = localStorage.getItem(KEY);
    if (kept === 'en' || kept === 'es') return kept;
  } catch {
    // storage is refused: by the browser's language then
  }
  return /^es\b/i.test(navigator.language) ? 'es' : 'en';
}

/** By the browser's language until somebody chooses. */
export const language = signal<Language>(remembered());

export function setLanguage(next: Language): void {
  language.value = next;
  document.documentElement.lang = next;
  try {
    localStorage.setItem(KEY, next);
  } catch {
    // remembered for this page only
  }
}

/** The same keys and parameters with any words. */
export type Texts<T> = {
  readonly [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...args: infer A) => string
      ? (...args: A) => string
      : Texts<T[K]>;
};

/** Texts of one part of the page: `const texts = section({en: {…}, es: {…}})`, then `texts().name` in a component. */
export function section<T extends object>(texts: { readonly en: T; readonly es: NoInfer<Texts<T>> }): () => Texts<T> {
  return () => (language.value === 'es' ? texts.es : (texts.en as Texts<T>));
}
