/** Ops that must not become part of a graph, and why. */
const rows = (ops: string[], why: string): [string, string][] => ops.map((op) => [op, why]);

export const REFUSED_OPS: ReadonlyMap<string, string> = new Map([
  ...rows(
    ['RandomUniform', 'RandomUniformInt', 'RandomStandardNormal', 'TruncatedNormal', 'Multinomial', 'RandomShuffle'],
    'draws from a global generator: use randomUniform of the engine, which counts from the seed',
  ),
  ...rows(
    ['Where', 'Unique', 'NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'Bincount'],
    'returns a shape that depends on the data',
  ),
]);
