/** Attention maps by layer, and as grids of patches. */
import { type Model, UserError } from '@ablate/contracts';
import type { Grid } from './picture.ts';
import { type Float, float } from './tensor.ts';

const PREFIX = 'attention.';

/** Whether row 0 of a map belongs to a class token, or to the mean that CLIP's pool puts first. */
export const hasClassToken = (model: Model): boolean => model.family !== 'vit' || model.pool === 'cls';

/** Whether maps have negative entries. */
export const isSigned = (model: Model): boolean => model.family === 'vit' && model.attention === 'differential';

/**
 * Which maps `layer` selects, by the name that `observe` returns. `last` is the last block's, of CrossViT the last exchange's, of CLIP
 * the pool's; `all` is every map.
 * @throws UserError for a ResNet
 */
export function selectMaps(model: Model, layer: string): (name: string) => boolean {
  const last: Record<Exclude<Model['family'], 'resnet'>, (name: string) => boolean> = {
    vit: (name) => model.family === 'vit' && name === `${PREFIX}${model.depth - 1}`,
    crossvit: (name) => model.family === 'crossvit' && name.includes(`.${model.stages - 1}.cross`),
    clip: (name) => name === `${PREFIX}pool`,
  };
  if (model.family === 'resnet') throw new UserError('a ResNet has no attention maps', 'usage');
  if (layer === 'last') return last[model.family];
  return (name) => name.startsWith(PREFIX) && (layer === 'all' || name === PREFIX + layer);
}

/** The layer of a map by its name, or undefined for other values. */
export const layerOf = (name: string): string | undefined =>
  name.startsWith(PREFIX) ? name.slice(PREFIX.length) : undefined;

/** The grids of one image: (N, G, P) -> G square grids of P patches. @throws UserError if P is not a square */
export function gridsOf({ shape, data }: Float, image: number): Grid[] {
  const [, count = 0, patches = 0] = shape;
  const side = Math.sqrt(patches);
  if (!Number.isInteger(side)) throw new UserError(`${patches} patches do not form a square grid`);
  return Array.from({ length: count }, (_, index) => {
    const from = (image * count + index) * patches;
    return { rows: side, columns: side, data: data.slice(from, from + patches) };
  });
}

/** The mean of grids of equal size. */
export function meanGrid(grids: readonly Grid[]): Grid {
  const [first] = grids;
  if (!first) throw new Error('meanGrid needs at least one grid');
  const data = first.data.map((_, at) => grids.reduce((sum, grid) => sum + (grid.data[at] ?? 0), 0) / grids.length);
  return { ...first, data };
}

/** Rows of tokens without the class token's own column: (N, 1, T) -> (N, 1, P). */
export function patchColumns({ shape, data }: Float, { cls }: { cls: boolean }): Float {
  const [images = 0, , tokens = 0] = shape;
  if (!cls) return float([images, 1, tokens], data);
  return float(
    [images, 1, tokens - 1],
    data.filter((_, at) => at % tokens !== 0),
  );
}
