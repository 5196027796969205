/** Points of a space as numbers between which a kernel measures distances. */
import { type Coordinate, coordinateAt, type Domain } from '../../domain.ts';
import { kendallDistance } from '../mallows.ts';

type NumberDomain = Extract<Domain, { kind: 'number' }>;

/** The ends of a number's unit interval: half a step beyond the values, in log space with `log`. */
function ends({ low, high, log, first, step, count }: NumberDomain): [number, number] {
  const [a, b] = step === null ? [low, high] : [first - step / 2, first + (count - 1) * step + step / 2];
  return log ? [Math.log(a), Math.log(b)] : [a, b];
}

/** A number of the domain as a share of its range. */
export function toUnit(domain: NumberDomain, x: number): number {
  const [low, high] = ends(domain);
  return ((domain.log ? Math.log(x) : x) - low) / (high - low);
}

/** The value of the domain that is nearest to a share of its range. */
export function fromUnit(domain: NumberDomain, u: number): number {
  const [low, high] = ends(domain);
  const scaled = low + u * (high - low);
  const value = domain.log ? Math.exp(scaled) : scaled;
  if (domain.step === null) return Math.min(Math.max(value, domain.low), domain.high);
  const index = Math.min(Math.max(Math.round((value - domain.first) / domain.step), 0), domain.count - 1);
  return Number(coordinateAt(domain, index));
}

/** null where the dimension has no value. A number as its share of the range. */
export type Encoded = readonly (Coordinate | null)[];

export const encode = (domains: readonly Domain[], coordinates: readonly (Coordinate | null)[]): Encoded =>
  domains.map((domain, d) => {
    const coordinate = coordinates[d] ?? null;
    return coordinate !== null && domain.kind === 'number' ? toUnit(domain, Number(coordinate)) : coordinate;
  });

/** Where a number is if it has no value: beside the middle of its range, as far as that is from the ends. A point of the plane, so that kernels stay positive definite. */
export const NOWHERE = { share: 0.5, aside: 0.25 };

/**
 * Squared distance in one dimension: that of the shares of numbers; 1 for different choices; the share of pairs that two orders place differently. Choices and orders
 * are at a distance of 1 and a half from none.
 */
export function squaredDistance(domain: Domain, a: Coordinate | null, b: Coordinate | null): number {
  if (a === null && b === null) return 0;
  if (domain.kind === 'number')
    return (
      (Number(a ?? NOWHERE.share) - Number(b ?? NOWHERE.share)) ** 2 + (a === null || b === null ? NOWHERE.aside : 0)
    );
  if (domain.kind === 'choice') return a === b ? 0 : 1;
  if (a === null || b === null) return 0.5;
  const n = domain.items.length;
  return kendallDistance([a].flat().map(Number), [b].flat().map(Number)) / ((n * (n - 1)) / 2);
}

/** Shares of a range within which two numbers are nearly the same. */
const NEAR = 0.01;

/** Whether two points differ in nothing but numbers, and in these by little. */
export const isNear = (domains: readonly Domain[], a: Encoded, b: Encoded): boolean =>
  domains.every(
    (domain, d) => squaredDistance(domain, a[d] ?? null, b[d] ?? null) < (domain.kind === 'number' ? NEAR ** 2 : 1e-9),
  );
