/** Maps in words, for readers who do not see them. */
import type { InsideHeader } from '@ablate/contracts';
import type { Grid } from './inside-file.ts';

const percent = (share: number): string => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/** "row 2, column 5", from 1. */
export const placeOf = (at: number, columns: number): string =>
  `row ${Math.floor(at / columns) + 1}, column ${(at % columns) + 1}`;

/** The value of a patch: shares of attention in percent, signed ones with their sign. */
export const shareOf = (value: number, signed: boolean): string =>
  `${signed && value > 0 ? '+' : value < 0 ? '−' : ''}${percent(Math.abs(value))}`;

/** "most at row 2, column 5 (8.1 %); half of it on 9 of 64 patches". */
export function describeMap({ data, columns }: Grid, signed: boolean): string {
  const order = Array.from(data.keys()).sort((a, b) => (data[b] ?? 0) - (data[a] ?? 0));
  const [most = 0] = order;
  const best = `most at ${placeOf(most, columns)} (${shareOf(data[most] ?? 0, signed)})`;
  if (signed) {
    const least = order.at(-1) ?? 0;
    return `${best}, least at ${placeOf(least, columns)} (${shareOf(data[least] ?? 0, signed)})`;
  }
  const total = data.reduce((sum, value) => sum + value, 0);
  if (total === 0) return 'zero everywhere';
  let [sum, count] = [0, 0];
  for (const at of order) {
    if (sum >= total / 2) break;
    sum += data[at] ?? 0;
    count++;
  }
  return `${best}; half of it on ${count} of ${data.length} patches`;
}

/** "small.0.cross" → "small branch, stage 1, cross-attention"; "3" → "layer 4". */
export function layerName(layer: string): string {
  const [branch, stage, at] = layer.split('.');
  if (stage === undefined) return `layer ${Number(layer) + 1}`;
  const place = at === undefined || at.startsWith('cross') ? 'cross-attention' : `layer ${Number(at) + 1}`;
  return `${branch} branch, stage ${Number(stage) + 1}, ${place}`;
}

export const headName = (head: number | 'mean'): string => (head === 'mean' ? 'mean of the heads' : `head ${head + 1}`);

type Image = InsideHeader['images'][number];

/** Whether the model is right; null if the class is unknown. */
export const isRight = ({ label, top }: Image): boolean | null => (label === null ? null : top[0]?.label === label);

/** "cat, taken for dog (53 %)". */
export function describeImage(image: Image): string {
  const [best] = image.top;
  const said = `${best?.name} (${percent(best?.probability ?? 0)})`;
  if (image.labelName === null) return `taken for ${said}`;
  return isRight(image)
    ? `${image.labelName}, recognised (${percent(best?.probability ?? 0)})`
    : `${image.labelName}, taken for ${said}`;
}
