/** The task of the threads that read specs. */
import { readSpec, type SpecReading } from '@ablate/search';

export default async (text: string): Promise<SpecReading> => readSpec(text);
