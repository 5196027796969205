/** A reporter of node:test: prints at the end how many tests were skipped, by reason. */

/**
 * @public node:test loads it by its path
 * @type {(events: AsyncIterable<import('node:test/reporters').TestEvent>) => AsyncGenerator<string>}
 */
export default async function* skipped(events) {
  /** @type {Map<string, number>} */
  const reasons = new Map();
  for await (const { type, data } of events)
    if (type === 'test:pass' && data.skip !== undefined && data.skip !== false) {
      const reason = typeof data.skip === 'string' ? data.skip : 'no reason given';
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
    }
  for (const [reason, count] of reasons) yield `SKIPPED ${count} ${count === 1 ? 'test' : 'tests'}: ${reason}\n`;
}
