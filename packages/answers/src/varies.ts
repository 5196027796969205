import { type Axis, isDrawn, type Spec } from '@ablate/contracts';
import { axisNames, axisWords } from './axes.ts';
import { counted, listed, plain } from './quantities.ts';

/** Sets of axes, and axes of a set, that are named one by one. */
const MAX_NAMED = 4;

/** Whether an axis has a choice: a link follows from other axes. */
const varies = (axis: Axis | undefined): boolean =>
  Array.isArray(axis) ? axis.length > 1 : axis !== undefined && !('=' in axis);

/** `ordering × patch size × 5 seeds`: what a sweep varies. The sets of axes of a union of spaces are joined by `+`. */
export function variesWords(
  { space, search, seeds }: Pick<Spec, 'space' | 'search' | 'seeds'>,
  { configs }: { configs: number },
): string {
  const sets = [space].flat().map((axes) => {
    const paths = Object.keys(axes);
    const varying = paths.filter((path) => varies(axes[path]));
    // A set of one point differs from the others by what it sets.
    return varying.length > 0 || !Array.isArray(space) ? varying : paths.slice(0, 1);
  });
  const paths = [...new Set(sets.flat())];
  const words = new Map(axisNames(paths).map((name, i) => [paths[i], plain(axisWords(name))]));
  const products = new Set(
    sets.map((of) => {
      const named = of.map((path) => words.get(path) ?? path);
      const kept = named.length > MAX_NAMED ? named.slice(0, MAX_NAMED - 1) : named;
      return [...kept, ...(kept.length < named.length ? [`${named.length - kept.length} more`] : [])].join(' × ');
    }),
  );
  products.delete('');
  const union = products.size > MAX_NAMED ? listed([...words.values()], MAX_NAMED) : [...products].join(' + ');
  const varied = configs === 1 || union === '' ? 'one config' : products.size > 1 ? `(${union})` : union;
  const drawn = isDrawn(search) && configs > 1 ? ` (${configs.toLocaleString('en-US')} drawn)` : '';
  return `${varied}${drawn} × ${counted(seeds.length, 'seed')}`;
}
