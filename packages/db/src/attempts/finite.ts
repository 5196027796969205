/** A figure as it is stored: null where it is not finite, since neither JSON nor an average can hold it. */
export const finite = (value: number): number | null => (Number.isFinite(value) ? value : null);
