/** A few images of a set, spread over its classes. */

/** `count` of the indices, or all: the classes take turns in their order. Of more classes than `count`, evenly spaced ones. */
export function spreadOverClasses(labels: Int32Array, indices: Int32Array, count: number): number[] {
  const ofClass = new Map<number, number[]>();
  for (const index of indices) {
    const label = labels[index] ?? 0;
    const members = ofClass.get(label);
    if (members) members.push(index);
    else ofClass.set(label, [index]);
  }
  const all = [...ofClass].sort(([a], [b]) => a - b).map(([, members]) => members);
  const classes = Array.from({ length: Math.min(count, all.length) }, (_, at) => {
    return all[Math.floor((at * all.length) / Math.min(count, all.length))] ?? [];
  });
  const wanted = Math.min(count, indices.length);
  const chosen: number[] = [];
  for (let turn = 0; chosen.length < wanted && classes.some(({ length }) => length > turn); turn++)
    chosen.push(...classes.flatMap((members) => members.slice(turn, turn + 1)));
  return chosen.slice(0, wanted);
}
