/** Two-sided 95 % points of Student's t, for 1 to 30 degrees of freedom. */
const T95 = [
  12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11,
  2.101, 2.093, 2.086, 2.08, 2.074, 2.069, 2.064, 2.06, 2.056, 2.052, 2.048, 2.045, 2.042,
];

/** Two-sided 95 % point of Student's t; NaN for no degrees of freedom. */
export const t95 = (freedom: number): number =>
  freedom < 1 ? Number.NaN : (T95[freedom - 1] ?? 1.96 + 2.42 / freedom); // within 0.001 above 30
