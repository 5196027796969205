/** The task of the threads that read specs. */
import { type Work, workOf } from '@ablate/answers';
import { configComplaints } from '@ablate/contracts';
import { checkpointComplaints } from '@ablate/models/checkpoint-size';
import { modelCost } from '@ablate/models/count';
import { readSpec, type SpecReading } from '@ablate/search';
import { type ExpectedSearch, expectedSearch } from './searches/expected.ts';

/** `work`: whether the work of the configs is wanted too. */
export type SpecTask = { text: string; work: boolean };
export type SpecResult = { reading: SpecReading; work: Work[]; expected: ExpectedSearch | null };

export default async ({ text, work }: SpecTask): Promise<SpecResult> => {
  const ofCheckpoint = checkpointComplaints();
  const reading = readSpec(text, (config) => {
    const broken = configComplaints(config);
    return broken.length > 0 ? broken : ofCheckpoint(config);
  });
  const points = work && 'expansion' in reading && 'points' in reading.expansion ? reading.expansion.points : [];
  const expected = 'spec' in reading && points.length > 0 ? expectedSearch(reading.spec, points) : null;
  return { reading, work: workOf(points, modelCost), expected };
};
