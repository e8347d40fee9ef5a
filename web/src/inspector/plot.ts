/** Draws lines over the last minute on a canvas, with a scale at the right. Plain data in; knows no state. */

export interface Curve {
  readonly colour: string;
  /** the area below it is tinted */
  readonly filled: boolean;
  /** as many as there are times; null: nobody looked */
  readonly values: readonly (number | null)[];
}

export interface Picture {
  /** CSS px */
  readonly width: number;
  readonly height: number;
  readonly ratio: number;
  /** width of the scale at the right, CSS px */
  readonly scale: number;
  /** s on the time axis, which ends at 0 */
  readonly span: number;
  /** s, rising to 0 */
  readonly times: readonly number[];
  readonly curves: readonly Curve[];
  /** value at the upper edge */
  readonly top: number;
  readonly format: (value: number) => string;
  /** s, a mark for when it started; -Infinity: none */
  readonly born: number;
  readonly ink: string;
  readonly grid: string;
  readonly font: string;
}

/** px above and below the lines: room for half a word of the scale */
const PAD = 9;

export function drawPicture(c: CanvasRenderingContext2D, p: Picture): void {
  const right = p.width - p.scale;
  const bottom = p.height - PAD;
  const xOf = (time: number): number => (1 + time / p.span) * right;
  const yOf = (value: number): number => bottom - (Math.min(value, p.top) / p.top) * (bottom - PAD);
  c.setTransform(p.ratio, 0, 0, p.ratio, 0, 0);
  c.clearRect(0, 0, p.width, p.height);

  c.font = p.font;
  c.textAlign = 'left';
  c.textBaseline = 'middle';
  c.lineWidth = 1;
  c.strokeStyle = p.grid;
  c.fillStyle = p.ink;
  for (const value of [0, p.top / 2, p.top]) {
    const y = Math.round(yOf(value)) + 0.5;
    line(c, [0, y, right, y]);
    c.fillText(p.format(value), right + 8, y);
  }
  if (p.born > -p.span) {
    c.strokeStyle = p.ink;
    line(c, [xOf(p.born), PAD, xOf(p.born), bottom]);
  }
  c.save();
  c.beginPath();
  c.rect(0, 0, right, p.height);
  c.clip();
  c.lineJoin = 'round';
  for (const { colour, filled, values } of p.curves) {
    for (const run of runsOf(values)) {
      c.beginPath();
      for (let i = run.from; i < run.to; i++) c.lineTo(xOf(p.times[i] ?? 0), yOf(values[i] ?? 0));
      c.strokeStyle = c.fillStyle = colour;
      c.lineWidth = 2;
      c.stroke();
      if (!filled) continue;
      c.lineTo(xOf(p.times[run.to - 1] ?? 0), bottom);
      c.lineTo(xOf(p.times[run.from] ?? 0), bottom);
      c.globalAlpha = 0.19;
      c.fill();
      c.globalAlpha = 1;
    }
    const last = values.at(-1);
    if (last === undefined || last === null) continue;
    c.fillStyle = colour;
    c.beginPath();
    c.arc(right - 4, yOf(last), 4, 0, 2 * Math.PI);
    c.fill();
  }
  c.restore();
}

function line(c: CanvasRenderingContext2D, [x0, y0, x1, y1]: readonly [number, number, number, number]): void {
  c.beginPath();
  c.moveTo(x0, y0);
  c.lineTo(x1, y1);
  c.stroke();
}

/** Stretches without a gap, as index ranges: no line is drawn across what nobody saw. */
export function runsOf(values: readonly (number | null)[]): readonly { readonly from: number; readonly to: number }[] {
  const runs: { from: number; to: number }[] = [];
  let from = -1;
  for (let i = 0; i <= values.length; i++) {
    const seen = i < values.length && values[i] !== null;
    if (seen && from < 0) from = i;
    if (!seen && from >= 0) {
      runs.push({ from, to: i });
      from = -1;
    }
  }
  return runs;
}
