/** Grid search: every combination of the values of a subspace's axes. */
import { axisValue, coordinateAt, domainSize } from './domain.ts';
import type { Drawn, Method, Subspace } from './space.ts';

/** The number of values of an axis in a grid; a continuous range counts as one. */
const valuesOn = (domain: Subspace['domains'][number][1]): number => {
  const size = domainSize(domain);
  return Number.isFinite(size) ? size : 1;
};

/** All combinations of a subspace without conditions and links; the first axis changes slowest. */
function* product(subspace: Subspace): Generator<Drawn> {
  const size = productSize(subspace);
  for (let index = 0; index < size; index++) {
    const axes: Record<string, unknown> = {};
    let rest = size;
    let offset = index;
    for (const [path, domain] of subspace.domains) {
      const count = domainSize(domain);
      if (!Number.isFinite(count)) continue;
      rest /= count;
      axes[path] = axisValue(domain, coordinateAt(domain, Math.floor(offset / rest)));
      offset %= rest;
    }
    yield { subspace, axes };
  }
}

/** All combinations of a subspace with conditions or links: an axis comes after those that it depends on. */
function* tree(subspace: Subspace): Generator<Drawn> {
  const { rules } = subspace;
  const domains = new Map(subspace.domains);
  function* branch(depth: number, known: Record<string, unknown>): Generator<Drawn> {
    const path = rules.order[depth];
    if (path === undefined) {
      yield { subspace, axes: rules.arrange(known) };
      return;
    }
    const standing = rules.standing(path, known);
    const domain = domains.get(path);
    if (standing === 'absent') yield* branch(depth + 1, known);
    else if (standing !== 'free') {
      if ('complaint' in standing) yield standing;
      else yield* branch(depth + 1, { ...known, [path]: standing.value });
    } else if (domain)
      for (let index = 0; index < valuesOn(domain); index++)
        yield* branch(depth + 1, { ...known, [path]: axisValue(domain, coordinateAt(domain, index)) });
  }
  yield* branch(0, {});
}

const combinations = (subspace: Subspace): Iterable<Drawn> =>
  subspace.rules.isPlain ? product(subspace) : tree(subspace);

const productSize = ({ domains }: Subspace): number => domains.reduce((size, [, domain]) => size * valuesOn(domain), 1);

/** Number of combinations; one with conditions is counted branch by branch, to `enough`. */
export function totalSize(subspaces: readonly Subspace[], enough: number): number {
  let size = 0;
  for (const subspace of subspaces) {
    if (subspace.rules.isPlain) size += productSize(subspace);
    else
      for (const _ of tree(subspace)) {
        size++;
        if (size >= enough) return size;
      }
  }
  return size;
}

/** All combinations of all subspaces, one subspace after the other. */
export function* combinationsOf(subspaces: readonly Subspace[]): Generator<Drawn> {
  for (const subspace of subspaces) yield* combinations(subspace);
}

export const grid: Method = {
  candidates: combinationsOf,
  size: totalSize,
  wanted: Number.POSITIVE_INFINITY,
  acceptsRanges: false,
  isExhaustive: true,
  tooLarge: { pointer: '/space', remedy: 'remove values from an axis, or use random search' },
};
