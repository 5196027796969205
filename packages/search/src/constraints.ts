/** Constraints over several parameters: which configs of a space take part. */
import { type Config, count, type PointerComplaint, type Spec } from '@ablate/contracts';
import { type Expression, expressionReader } from './expression.ts';

export type Constraints = {
  /** Whether every constraint allows a config. One that names a field that the config lacks says nothing about it. */
  allows(config: Config): boolean | PointerComplaint;
  /** The constraints that left points out, and how many each. */
  rejections(): PointerComplaint[];
  /** Complaints once all points are known: a constraint that fits no config, or constraints that leave none. */
  complaints(points: number): PointerComplaint[];
};

type Row = { expression: Expression; pointer: string; applied: number; rejected: number; missing: string | null };

/** The constraints of a spec, or complaints about them. */
export function openConstraints({
  constraints = [],
}: Pick<Spec, 'constraints'>): Constraints | { invalid: PointerComplaint[] } {
  const read = expressionReader();
  const invalid: PointerComplaint[] = [];
  const rows = constraints.flatMap((text, i): Row[] => {
    const expression = read(text);
    const pointer = `/constraints/${i}`;
    if ('evaluate' in expression) return [{ expression, pointer, applied: 0, rejected: 0, missing: null }];
    invalid.push({ pointer, detail: `the expression ${text}: ${expression.error}` });
    return [];
  });
  if (invalid.length > 0) return { invalid };
  let checked = 0;
  return {
    allows(config) {
      checked++;
      let allowed = true;
      for (const row of rows) {
        const { text } = row.expression;
        const result = row.expression.evaluate(config);
        if ('error' in result) return { pointer: row.pointer, detail: `the expression ${text}: ${result.error}` };
        if ('missing' in result) {
          row.missing ??= result.missing;
          continue;
        }
        if (typeof result.value !== 'boolean')
          return {
            pointer: row.pointer,
            detail: `the constraint ${text} must be true or false, but is ${JSON.stringify(result.value)}`,
          };
        row.applied++;
        if (result.value) continue;
        row.rejected++;
        allowed = false;
      }
      return allowed;
    },
    rejections: () =>
      rows.flatMap(({ pointer, expression, rejected }) =>
        rejected === 0
          ? []
          : [{ pointer, detail: `leaves out ${rejected} of ${count(checked, 'point')}: ${expression.text}` }],
      ),
    complaints(points) {
      const strange = rows.filter(({ applied, missing }) => applied === 0 && missing !== null);
      if (strange.length > 0)
        return strange.map(({ pointer, expression, missing }) => ({
          pointer,
          detail: `the expression ${expression.text} fits no config of the space: ${missing}`,
        }));
      const strictest = rows.toSorted((a, b) => b.rejected - a.rejected)[0];
      if (points > 0 || !strictest || strictest.rejected === 0) return [];
      const detail = `the constraints leave no point: this one rejects ${strictest.rejected} of ${count(checked, 'point')}. Relax it, or widen the space`;
      return [{ pointer: strictest.pointer, detail }];
    },
  };
}
