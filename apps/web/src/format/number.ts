/** Numbers as text. Accuracies are shares (0 to 1) in the API and percent on the pages. */

const EN = 'en-US';

/** A share as percent with two decimals: 0.87654 → "87.65". */
export const percent = (share: number): string => (100 * share).toFixed(2);

/** A difference of shares in points, with its sign: "+0.28", "−1.40". */
export const points = (difference: number): string =>
  `${difference < 0 ? '−' : '+'}${(100 * Math.abs(difference)).toFixed(2)}`;

export const count = (value: number): string => value.toLocaleString(EN);

const UNITS = ['', 'k', 'M', 'G', 'T', 'P'];

/** A large number in three digits: 11181642 → "11.2 M". */
export function compact(value: number): string {
  const power = Math.min(UNITS.length - 1, Math.max(0, Math.floor(Math.log10(Math.abs(value) || 1) / 3)));
  const scaled = value / 1000 ** power;
  const digits = power === 0 ? String(Math.round(scaled * 100) / 100) : scaled.toPrecision(3);
  return `${digits} ${UNITS[power]}`.trim();
}

/** A duration in seconds: "42 s", "3 min 20 s", "2 h 5 min". */
export function duration(seconds: number): string {
  if (seconds < 1) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  const [minutes, hours] = [Math.floor(whole / 60), Math.floor(whole / 3600)];
  if (minutes < 60) return whole % 60 === 0 ? `${minutes} min` : `${minutes} min ${whole % 60} s`;
  return minutes % 60 === 0 ? `${hours} h` : `${count(hours)} h ${minutes % 60} min`;
}

/** A duration in one unit, for a table: "42 s", "2.6 min", "3.1 h". */
export function brieflyLasting(seconds: number): string {
  if (seconds < 9.95) return `${seconds.toFixed(1)} s`;
  if (seconds < 99.5) return `${Math.round(seconds)} s`;
  const minutes = seconds / 60;
  return minutes < 99.5 ? `${minutes.toPrecision(2)} min` : `${(minutes / 60).toPrecision(2)} h`;
}

/** "1 run", "3 runs". */
export const plural = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

const shortNumber = new Intl.NumberFormat(EN, { maximumSignificantDigits: 4 });

/** The name of a preset, or the family of a model that was written field by field. */
function briefName(value: object): string | null {
  const fields = Object.keys(value).length;
  if ('preset' in value) return fields === 1 ? String(value.preset) : null;
  if (!('family' in value)) return null;
  return fields === 1 ? String(value.family) : `${value.family} …`;
}

/** A value of an axis: a preset's name as it is, a model by its family, a list or another object as JSON. */
export function axisValue(value: unknown): string {
  if (value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'number')
    return Math.abs(value) >= 1e5 || (value !== 0 && Math.abs(value) < 1e-3)
      ? value.toPrecision(4).replace(/\.?0+(?=e|$)/, '')
      : shortNumber.format(value).replaceAll(',', '');
  if (typeof value === 'object' && value !== null) return briefName(value) ?? JSON.stringify(value);
  return JSON.stringify(value);
}

/** The last part of an axis' path: "model.patchSize" → "patch size". */
export const axisName = (path: string): string =>
  (path.split('.').at(-1) ?? path).replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** The values of a config on its axes: "resnet20, patch size 4, ordering preNorm"; nothing without axes. */
export const pointName = (axes: Readonly<Record<string, unknown>>): string =>
  Object.entries(axes)
    .map(([path, value]) => (path === 'model' ? axisValue(value) : `${axisName(path)} ${axisValue(value)}`))
    .join(', ');

/** "p = 0.012", "p < 0.001". */
export const pValue = (p: number): string => (p < 0.001 ? 'p < 0.001' : `p = ${p.toPrecision(2)}`);
