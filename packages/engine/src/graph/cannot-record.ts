/** What cannot become part of a graph: the errors of a recording, and the ops that it refuses. */

/** An op or a type that cannot become part of a graph; the step can still run eagerly. */
export class CannotRecord extends Error {
  override name = 'CannotRecord';
}

/** A tensor's data were read while recording: the value would be frozen into the graph. */
export class ReadWhileRecording extends Error {
  override name = 'ReadWhileRecording';
}

const rows = (ops: string[], why: string): [string, string][] => ops.map((op) => [op, why]);

/** Ops that must not become part of a graph, each with the reason. */
export const REFUSED_OPS: ReadonlyMap<string, string> = new Map([
  ...rows(
    ['RandomUniform', 'RandomUniformInt', 'RandomStandardNormal', 'TruncatedNormal', 'Multinomial', 'RandomShuffle'],
    'draws from a global generator: use the engine’s randomUniform, which counts from the seed',
  ),
  ...rows(
    ['Where', 'Unique', 'NonMaxSuppressionV3', 'NonMaxSuppressionV4', 'NonMaxSuppressionV5', 'Bincount'],
    'returns a shape that depends on the data',
  ),
]);
