/** What a process wrote is hostile text: it is shown as it is, and what cannot be seen is made visible. */

/** Marks that turn the direction of writing and could make a line read as another one. */
const TURNING = /[\u200e\u200f\u202a-\u202e\u2066-\u2069\u061c]/gu;

/** Control characters except newline and tab. */
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/gu;

/** Control characters as their pictures (ESC → ␛), direction marks by their number; CR LF as LF. Newlines and tabs stay. */
export function literal(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(CONTROL, (c) => {
      const code = c.charCodeAt(0);
      if (code === 0x7f) return '\u2421';
      return code < 0x20 ? String.fromCharCode(0x2400 + code) : `\\x${code.toString(16)}`;
    })
    .replace(TURNING, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
