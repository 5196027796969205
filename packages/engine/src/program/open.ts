/** Opens a program: compiled, or op by op. */
import { describeDevice } from '../device.ts';
import { compiledProgram } from './compiled.ts';
import { eagerProgram } from './eager.ts';
import type { Program, ProgramOptions } from './program.ts';

/**
 * Open a program over variables that the caller owns and disposes after the program.
 * @throws Error if the device cannot compute in the precision.
 */
export function openProgram(options: ProgramOptions): Program {
  const { bf16Obstacle } = describeDevice();
  if (options.precision === 'bf16' && bf16Obstacle) throw new Error(bf16Obstacle);
  return options.compiled === false ? eagerProgram(options) : compiledProgram(options);
}
