/** The similarity of the positions that each config has learned. */
import { UserError } from '@ablate/contracts';
import { encodePng } from '@ablate/models';
import { positionsPicture } from '../../model/positions.ts';
import { withBestCheckpoint } from '../../model/run-weights.ts';
import { openNetworkOf } from '../../model/sources.ts';
import { type Measured, type MeasureInput, slug } from './measure.ts';

export async function measurePositions({ trained, context }: MeasureInput): Promise<Measured> {
  const files: Measured = new Map();
  for (const { name, runId } of trained)
    await withBestCheckpoint(runId, context, async (weights) => {
      const { network } = await openNetworkOf({ weights, interpolatePositions: false }, context);
      try {
        files.set(`similarity-of-${slug(name)}.png`, encodePng(positionsPicture(network, 'cosine').picture));
      } catch (error) {
        if (!(error instanceof UserError)) throw error; // a model without positions has no picture
      } finally {
        network.dispose();
      }
    });
  return files;
}
