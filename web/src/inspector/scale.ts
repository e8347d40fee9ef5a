/** How far the charts' upper edges reach. Pure. */

/** CPU in cores: one whole core, or as many as it used. */
export const cpuTop = (values: readonly (number | null)[]): number => Math.max(1, Math.ceil(max(values) - 0.05));

const STEPS = [1, 2, 4, 6, 8, 10];

/** Bytes: the next round number above, so that half of it is round too. At least 1 MB. */
export function bytesTop(values: readonly (number | null)[]): number {
  const most = Math.max(1e6, max(values) * 1.05);
  const power = 10 ** Math.floor(Math.log10(most));
  return (STEPS.find((step) => step * power >= most) ?? 10) * power;
}

/** Messages, messages a second, ms: the next round number above, at least least. */
export function countTop(values: readonly (number | null)[], least: number): number {
  const most = Math.max(least, max(values) * 1.05);
  const power = 10 ** Math.floor(Math.log10(most));
  return (STEPS.find((step) => step * power >= most - power * 1e-9) ?? 10) * power;
}

function max(values: readonly (number | null)[]): number {
  let most = 0;
  for (const value of values) if (value !== null && value > most) most = value;
  return most;
}
