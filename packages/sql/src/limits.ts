/** Limits of a statement. `bytes` counts the text of the values. */
export const LIMITS = { rows: 10_000, bytes: 10_000_000, seconds: 30 } as const;
export type Limits = { rows: number; bytes: number; seconds: number };
