/** The task of the thread that computes the answers of large sweeps. */
import { type AnswerInput, buildAnswer } from '@ablate/answers';
import type { Answer } from '@ablate/contracts';

export default async (input: AnswerInput): Promise<Answer> => buildAnswer(input);
