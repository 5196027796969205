/** The function with its last results kept, at most `most` of them: the same few designs recur in every row and sweep. */
export function memoise<A extends number[]>(f: (...values: A) => number, most = 10_000): (...values: A) => number {
  const known = new Map<string, number>();
  return (...values) => {
    const key = values.join();
    const found = known.get(key) ?? f(...values);
    if (known.size >= most) known.clear();
    known.set(key, found);
    return found;
  };
}
