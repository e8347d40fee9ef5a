import { duration } from '../i18n/numbers';

/** An age given in ms, in whole seconds: '0 s', '59 s', '3 min 5 s', '2 h 10 min'. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds < 60 ? `${seconds}\u00a0s` : duration(seconds);
}
