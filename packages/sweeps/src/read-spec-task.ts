/** The task of the threads that read specs. */
import { configComplaints } from '@ablate/contracts';
import { checkpointComplaints } from '@ablate/models/checkpoint-size';
import { readSpec, type SpecReading } from '@ablate/search';

export default async (text: string): Promise<SpecReading> => {
  const ofCheckpoint = checkpointComplaints();
  return readSpec(text, (config) => {
    const broken = configComplaints(config);
    return broken.length > 0 ? broken : ofCheckpoint(config);
  });
};
