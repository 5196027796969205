/** The process that inspects one model: one command in, one answer out, over the IPC channel to the worker. It holds no credentials. */
import { type InspectAnswer, InspectCommand } from '@ablate/contracts';
import { inspect } from '@ablate/training';

async function answerTo(message: unknown): Promise<InspectAnswer> {
  try {
    return { type: 'done', file: await inspect(InspectCommand.parse(message)) };
  } catch (error) {
    return { type: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}

process.on('disconnect', () => process.exit(0));
process.once('message', async (message) => {
  process.send?.(await answerTo(message), undefined, undefined, () => process.disconnect());
});
