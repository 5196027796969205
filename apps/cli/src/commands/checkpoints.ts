import { openApi } from '@ablate/client';
import type { Register } from '../command.ts';
import { size } from '../size.ts';
import { formatTable } from '../table.ts';

export const checkpoints: Register = (program, context) => {
  program
    .command('checkpoints')
    .description('List the checkpoints of a run: those it goes on from or is tested with, and those kept behind them.')
    .argument('<run>', 'its id')
    .option('--json', 'answer in JSON')
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const { apiUrl } = await context.env();
      const found = await openApi(apiUrl, { signal: context.signal }).checkpoints(id);
      if (json) return context.print(JSON.stringify(found, null, 2));
      if (found.length === 0) return context.print('no checkpoints yet');
      const rows = found.map(({ id: checkpoint, kind, step, epoch, valAccuracy, bytes, current, pinned }) => [
        checkpoint,
        current ? kind : `${kind}, before`,
        step,
        epoch,
        valAccuracy === null ? '' : (100 * valAccuracy).toFixed(2),
        size(bytes),
        pinned ? 'pinned' : '',
      ]);
      context.print(formatTable(['checkpoint', 'kind', 'step', 'epoch', 'validation %', 'size', ''], rows));
    });
};

const pinning = (name: 'pin' | 'unpin', description: string, told: string): Register =>
  function register(program, context) {
    program
      .command(name)
      .description(description)
      .argument('<checkpoint>', 'its id: `ablate checkpoints <run>` lists them')
      .option('--json', 'answer in JSON')
      .action(async (id: string, { json = false }: { json?: boolean }) => {
        const { apiUrl } = await context.env();
        const checkpoint = await openApi(apiUrl, { signal: context.signal }).pinCheckpoint(id, name === 'pin');
        const { kind, step, runId } = checkpoint;
        context.print(json ? JSON.stringify(checkpoint, null, 2) : `${kind} of step ${step} of run ${runId}: ${told}`);
      });
  };

export const pin = pinning('pin', 'Keep a checkpoint whatever comes.', 'kept until `ablate unpin`');
export const unpin = pinning('unpin', 'Let go of a pinned checkpoint.', 'no longer pinned');
