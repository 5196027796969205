/** One thing that doctor looks at. `missing` keeps a run from working; `warning` does not. */
export type Check = { name: string; state: 'ok' | 'warning' | 'missing'; detail: string; remedy?: string };
