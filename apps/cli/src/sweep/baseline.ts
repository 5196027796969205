import { Spec, type SweepDetail } from '@ablate/contracts';

const WithBaseline = Spec.pick({ baseline: true }).loose();

/** The baseline that a sweep's spec names. */
export const baselineOf = ({ spec }: SweepDetail): Record<string, unknown> | undefined => {
  const parsed = WithBaseline.safeParse(spec);
  return parsed.success ? parsed.data.baseline : undefined;
};
