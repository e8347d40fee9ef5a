/** Numbers as the language writes them: decimal comma in Spanish, thousands apart by a narrow space in both. */
import { language } from './index';

/** Between groups of thousands, and between a number and its unit: neither breaks the line. */
const THIN = '\u202f';
const SPACE = '\u00a0';

/** 1234567.891 → '1 234 567.9' (en), '1 234 567,9' (es) with digits = 1. */
export function number(value: number, digits = 0): string {
  const fixed = Math.abs(value).toFixed(digits);
  const [whole = '', part] = fixed.split('.');
  // Four digits stay together: pids and years read better so, and Spanish asks for it.
  const grouped = whole.length > 4 ? whole.replace(/\B(?=(\d{3})+$)/g, THIN) : whole;
  const sign = value < 0 && Number(fixed) !== 0 ? '−' : '';
  return sign + grouped + (part === undefined ? '' : (language.value === 'es' ? ',' : '.') + part);
}

/** A share as a percentage, with a space before the sign: 0.31 → '31 %'. A process may exceed 100. */
export function percent(share: number, digits = 0): string {
  return `${number(share * 100, digits)}${SPACE}%`;
}

const UNITS = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Bytes in decimal units with two or three figures: 6 800 000 → '6,8 MB'. */
export function bytes(value: number): string {
  let unit = 0;
  let rest = value;
  while (rest >= 999.5 && unit < UNITS.length - 1) {
    rest /= 1000;
    unit++;
  }
  return `${number(rest, unit === 0 || rest >= 99.95 ? 0 : 1)}${SPACE}${UNITS[unit] ?? ''}`;
}

/** Seconds: '0,42 s', '12,3 s', '3 min 5 s', '2 h 10 min'. */
export function duration(seconds: number): string {
  if (seconds < 10) return `${number(seconds, 2)}${SPACE}s`;
  if (seconds < 59.95) return `${number(seconds, 1)}${SPACE}s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)}${SPACE}min ${whole % 60}${SPACE}s`;
  return `${number(Math.floor(whole / 3600))}${SPACE}h ${Math.floor((whole % 3600) / 60)}${SPACE}min`;
}

/** Clock time of a moment in ms since the epoch, with tenths: '12:04:31,2'. */
export function clock(at: number): string {
  const d = new Date(at);
  const two = (n: number): string => String(n).padStart(2, '0');
  const mark = language.value === 'es' ? ',' : '.';
  return `${two(d.getHours())}:${two(d.getMinutes())}:${two(d.getSeconds())}${mark}${Math.floor(d.getMilliseconds() / 100)}`;
}
