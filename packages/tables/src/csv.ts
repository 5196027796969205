const quoted = (value: string): string => (/[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value);

type Value = string | number | boolean | null | undefined;

/** CSV (RFC 4180) with plain line feeds. A null is empty. */
export const formatCsv = (columns: readonly string[], rows: readonly (readonly Value[])[]): string =>
  [columns, ...rows].map((row) => row.map((cell) => quoted(String(cell ?? ''))).join(',')).join('\n');
