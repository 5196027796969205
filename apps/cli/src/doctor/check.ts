/** The checks of `ablate doctor`, and the report. */

/** A `missing` check prevents runs; a `warning` does not. */
export type Check = { name: string; state: 'ok' | 'warning' | 'missing'; detail: string; remedy?: string };

const OLDEST_NODE = [20, 19] as const;

export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor >= OLDEST_NODE[1]))
    return { name: 'Node', state: 'ok', detail: version };
  return {
    name: 'Node',
    state: 'missing',
    detail: `${version} is too old`,
    remedy: `install ${OLDEST_NODE.join('.')} or later`,
  };
}

const MARKS: Record<Check['state'], string> = { ok: '✓', warning: '!', missing: '✗' };

/** One line per check. */
export function formatChecks(checks: readonly Check[]): string {
  const width = Math.max(...checks.map(({ name }) => name.length));
  return checks
    .map(
      ({ name, state, detail, remedy }) =>
        `${MARKS[state]} ${name.padEnd(width)}  ${detail}${remedy ? `: ${remedy}` : ''}`,
    )
    .join('\n');
}
