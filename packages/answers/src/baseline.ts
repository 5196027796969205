/** The config with which the others are compared. */
import { canonicalJson, isDrawn, type Spec } from '@ablate/contracts';
import { axisNames, formatValue } from './axes.ts';

type Candidate = { id: string; position: number; axes: Record<string, unknown> };

/** `found`: whether it has the values that the spec names, if it names any. `mostSeeds`: it is not the first config, which has no result, but the one with the most seeds. */
export type ChosenBaseline<T> = { config: T; found: boolean; mostSeeds: boolean };

/**
 * The baseline of a spec: the first config with its values; else the first config, with `found` false. A search that draws may have dropped that one; then it is the config with the
 * most seeds by `seedsOf`, of equals the first: a finalist. Null for a sweep without configs.
 */
export function specBaseline<T extends Candidate>(
  configs: readonly T[],
  { baseline, search }: { baseline?: Record<string, unknown> | undefined; search: Spec['search'] },
  seedsOf: (config: T) => number = () => 0,
): ChosenBaseline<T> | null {
  const [first] = configs;
  if (first === undefined) return null;
  const standIn = (found: boolean): ChosenBaseline<T> => {
    const others = isDrawn(search) && seedsOf(first) === 0 ? configs : [first];
    const config = others.reduce((most, one) => (seedsOf(one) > seedsOf(most) ? one : most));
    return { config, found, mostSeeds: config !== first };
  };
  if (baseline === undefined) return standIn(true);
  const wanted = Object.entries(baseline).map(([path, value]) => [path, canonicalJson(value)] as const);
  const config = configs.find(({ axes }) =>
    wanted.every(([path, value]) => Object.hasOwn(axes, path) && canonicalJson(axes[path]) === value),
  );
  return config ? { config, found: true, mostSeeds: false } : standIn(false);
}

/**
 * The config that a user names: its id, the start of its id (8 characters or more), its position, or values on axes
 * (`patchSize=8,ordering=preNorm`, with or without the full path) that exactly one config or, in a random search, the first one has.
 */
export function namedConfig<T extends Candidate>(configs: readonly T[], name: string): T | undefined {
  if (/^\d{1,6}$/.test(name)) return configs.find(({ position }) => position === Number(name));
  if (/^[0-9a-f-]{8,36}$/i.test(name)) {
    const starts = configs.filter(({ id }) => id.startsWith(name.toLowerCase()));
    return starts.length === 1 ? starts[0] : undefined;
  }
  const wanted = name.split(',').map((part) => {
    const [axis = '', ...rest] = part.split('=');
    return { axis: axis.trim(), value: rest.join('=').trim() };
  });
  return configs.find(({ axes }) => {
    const paths = Object.keys(axes);
    const names = axisNames(paths);
    return wanted.every(({ axis, value }) => {
      const i = paths.findIndex((path, at) => path === axis || names[at] === axis);
      return i >= 0 && formatValue(axes[paths[i] ?? '']) === value;
    });
  });
}
