/**
 * The axes of a subspace that depend on others: those with a condition, and links. From a value for each axis to the values that a point
 * has.
 */
import type { PointerComplaint, Spec } from '@ablate/contracts';
import type { Axes } from './axes.ts';
import { type Expression, expressionReader } from './expression.ts';
import { overlay, type Written } from './overlay.ts';

type Settled = { axes: Record<string, unknown> } | { complaint: PointerComplaint };

/** What an axis is, given the values of the axes before it: without a value, free to take one of its values, or linked to one. */
type Standing = 'absent' | 'free' | { value: unknown } | { complaint: PointerComplaint };

export type Rules = {
  /** The axes, each after those that it depends on. */
  order: readonly string[];
  /** Whether no axis has a condition or is a link: then every axis is free. */
  isPlain: boolean;
  /** The condition of an axis and those of the axes that it names, as text: axes with equal text always appear together. */
  conditionOf(axis: string): string;
  standing(axis: string, before: Readonly<Record<string, unknown>>): Standing;
  /** The axes that have a value, in the order of the subspace. Values of other axes, and of links, are ignored. */
  settle(values: Record<string, unknown>): Settled;
  /** The same values in the order of the subspace. */
  arrange(known: Readonly<Record<string, unknown>>): Record<string, unknown>;
};

type Dependent = { when: Expression | null; link: Expression | null; needs: readonly string[] };

const overlaps = (a: string, b: string): boolean => a === b || a.startsWith(`${b}.`) || b.startsWith(`${a}.`);

/** Whether the parts as written have a value at a path, or could have one inside a value. */
function isWritten(parts: object, path: string): boolean {
  let value: unknown = parts;
  for (const key of path.split('.')) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, key)) return false;
    value = Reflect.get(value, key);
  }
  return true;
}

/** An axis after all that it needs; or the axes of a circle. Depth first, in the order of the spec. */
function sorted(dependents: ReadonlyMap<string, Dependent>): { order: string[] } | { circle: string[] } {
  const order: string[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (axis: string, trail: readonly string[]): string[] | null => {
    if (state.get(axis) === 'done') return null;
    if (state.get(axis) === 'open') return trail.slice(trail.indexOf(axis));
    state.set(axis, 'open');
    for (const need of dependents.get(axis)?.needs ?? []) {
      const circle = visit(need, [...trail, axis]);
      if (circle) return circle;
    }
    state.set(axis, 'done');
    order.push(axis);
    return null;
  };
  for (const axis of dependents.keys()) {
    const circle = visit(axis, []);
    if (circle) return { circle };
  }
  return { order };
}

type Read = ReturnType<typeof expressionReader>;

/** Complaints about the expressions of one subspace, or its rules. */
export function readRules(
  { dataset, model, train, augment }: Pick<Spec, 'dataset' | 'model' | 'train' | 'augment'>,
  { axes, pointer }: Axes,
  read: Read = expressionReader(),
): Rules | { complaints: PointerComplaint[] } {
  const fixed: Written = { dataset, model, train, augment };
  const complaints: PointerComplaint[] = [];
  const dependents = new Map<string, Dependent>();
  const paths = axes.map(([path]) => path);
  const at = (axis: string, field: string): string => `${pointer(axis)}/${field}`;
  for (const [axis, domain] of axes) {
    const expression = (field: string, text: string | undefined): Expression | null => {
      if (text === undefined) return null;
      const found = read(text);
      if ('error' in found) {
        complaints.push({ pointer: at(axis, field), detail: `the expression ${text}: ${found.error}` });
        return null;
      }
      for (const path of found.references)
        if (!paths.some((other) => overlaps(path, other)) && !isWritten(fixed, path))
          complaints.push({
            pointer: at(axis, field),
            detail: `"${path}" is neither an axis of this space nor written in the spec: write its value in the spec, or make it an axis`,
          });
      return found;
    };
    const when = expression('when', Array.isArray(domain) ? undefined : domain.when);
    const link = expression('=', '=' in domain ? domain['='] : undefined);
    const references = [when, link].flatMap((each) => each?.references ?? []);
    dependents.set(axis, {
      when,
      link,
      needs: paths.filter((other) => references.some((path) => overlaps(path, other))),
    });
  }
  if (complaints.length > 0) return { complaints };
  const found = sorted(dependents);
  if ('circle' in found) {
    const [first = ''] = found.circle;
    const field = dependents.get(first)?.when ? 'when' : '=';
    const chain = [...found.circle, first].map((axis) => `"${axis}"`).join(' needs ');
    return {
      complaints: [{ pointer: at(first, field), detail: `${chain}: remove one of these conditions or links` }],
    };
  }
  return rulesOf({ fixed, paths, dependents, order: found.order, pointer });
}

function rulesOf({
  fixed,
  paths,
  dependents,
  order,
  pointer,
}: {
  fixed: Written;
  paths: readonly string[];
  dependents: ReadonlyMap<string, Dependent>;
  order: readonly string[];
  pointer: Axes['pointer'];
}): Rules {
  const at = (axis: string, field: string): string => `${pointer(axis)}/${field}`;
  const isPlain = [...dependents.values()].every(({ when, link }) => !when && !link);
  /** The value of an expression; 'absent' if it needs an axis that has no value. */
  const evaluated = (
    axis: string,
    field: string,
    expression: Expression,
    before: Readonly<Record<string, unknown>>,
  ) => {
    const laid = overlay(fixed, before);
    if ('axis' in laid) return { complaint: { pointer: pointer(laid.axis), detail: laid.message } };
    const result = expression.evaluate(laid.written);
    if ('value' in result) return result;
    const needs = dependents.get(axis)?.needs ?? [];
    if ('missing' in result && needs.some((need) => !Object.hasOwn(before, need))) return 'absent';
    const reason = 'missing' in result ? result.missing : result.error;
    return { complaint: { pointer: at(axis, field), detail: `the expression ${expression.text}: ${reason}` } };
  };
  const standing: Rules['standing'] = (axis, before) => {
    const { when = null, link = null } = dependents.get(axis) ?? {};
    if (when) {
      const result = evaluated(axis, 'when', when, before);
      if (result === 'absent' || 'complaint' in result) return result;
      if (result.value === false) return 'absent';
      if (result.value !== true) {
        const detail = `the condition ${when.text} must be true or false, but is ${JSON.stringify(result.value)}`;
        return { complaint: { pointer: at(axis, 'when'), detail } };
      }
    }
    return link ? evaluated(axis, '=', link, before) : 'free';
  };
  const conditionOf = (axis: string): string => {
    const { when = null, needs = [] } = dependents.get(axis) ?? {};
    if (!when) return '';
    return JSON.stringify([when.text, ...new Set(needs.map(conditionOf).filter((text) => text !== ''))]);
  };
  const arrange: Rules['arrange'] = (known) =>
    Object.fromEntries(paths.flatMap((path) => (Object.hasOwn(known, path) ? [[path, known[path]]] : [])));
  return {
    order,
    isPlain,
    conditionOf,
    standing,
    settle(values) {
      if (isPlain) return { axes: values };
      const known: Record<string, unknown> = {};
      for (const axis of order) {
        const found = standing(axis, known);
        if (found === 'absent') continue;
        if (found === 'free') known[axis] = values[axis];
        else if ('complaint' in found) return found;
        else known[axis] = found.value;
      }
      return { axes: arrange(known) };
    },
    arrange,
  };
}
