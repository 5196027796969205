import { apiOf, asJson, examples, type Register } from '../command.ts';
import { formatBytes, formatPercent } from '../format.ts';
import { formatTable } from '../table.ts';

export const checkpoints: Register = (program, context) => {
  program
    .command('checkpoints')
    .description(
      'List the checkpoints of a run: the current ones, which it resumes from or is tested with, and older ones.',
    )
    .argument('<run>', 'id of a run')
    .option('--json', 'print JSON')
    .addHelpText('after', examples('checkpoints 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11'))
    .action(async (id: string, { json = false }: { json?: boolean }) => {
      const found = await (await apiOf(context)).runs.checkpoints(id);
      if (json) return context.print(asJson(found));
      if (found.length === 0) return context.print('no checkpoints yet');
      const rows = found.map(({ id: checkpoint, kind, step, epoch, valAccuracy, bytes, current, pinned }) => [
        checkpoint,
        current ? kind : `${kind}, older`,
        step,
        epoch,
        valAccuracy === null ? '' : formatPercent(valAccuracy),
        formatBytes(bytes),
        pinned ? 'pinned' : '',
      ]);
      context.print(formatTable(['checkpoint', 'kind', 'step', 'epoch', 'validation %', 'size', ''], rows));
    });
};

const PINNING = {
  pin: { description: 'Pin a checkpoint, so that it is never removed.', outcome: 'pinned' },
  unpin: { description: 'Unpin a checkpoint.', outcome: 'unpinned' },
} as const;

const pinning =
  (verb: keyof typeof PINNING): Register =>
  (program, context) => {
    const { description, outcome } = PINNING[verb];
    program
      .command(verb)
      .description(description)
      .argument('<checkpoint>', 'id of a checkpoint; `ablate checkpoints <run>` lists them')
      .option('--json', 'print JSON')
      .addHelpText('after', examples(`${verb} 0b1f6a3c-46a5-4f0e-9d6e-7d9f0d521c11`))
      .action(async (id: string, { json = false }: { json?: boolean }) => {
        const checkpoint = await (await apiOf(context)).checkpoints[verb](id);
        const { kind, step, runId } = checkpoint;
        context.print(json ? asJson(checkpoint) : `checkpoint ${kind} at step ${step} of run ${runId}: ${outcome}`);
      });
  };

export const pin = pinning('pin');
export const unpin = pinning('unpin');
