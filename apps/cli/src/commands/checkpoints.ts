import { stat } from 'node:fs/promises';
import { UserError } from '@ablate/contracts/user-error';
import { apiOf, asJson, examples, type Register } from '../command.ts';
import { formatBytes, formatPercent } from '../format.ts';
import { idHelp, resolveId } from '../resolve-id.ts';
import { formatTable } from '../table.ts';

export const checkpoints: Register = (program, context) => {
  program
    .command('checkpoints')
    .description(
      'List the checkpoints of a run: the current ones, which it resumes from or is tested with, and older ones.',
    )
    .argument('<run>', idHelp('run'))
    .option('--json', 'print JSON')
    .addHelpText('after', examples('checkpoints 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11'))
    .action(async (text: string, { json = false }: { json?: boolean }) => {
      const api = await apiOf(context);
      const { id } = await resolveId(api, text, ['run']);
      const found = await api.runs.checkpoints(id);
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
      context.print(
        `\nSave the best as a file:  ablate download ${id} --output best.safetensors\nMeasure it on pictures:   ablate classify --run ${id} --input FOLDER`,
      );
    });
};

export const download: Register = (program, context) => {
  program
    .command('download')
    .description('Save a checkpoint of a run as a safetensors file, verified against its SHA-256.')
    .argument('<run>', idHelp('run'))
    .requiredOption('--output <file>', 'file to write; an existing file is not replaced')
    .option('--checkpoint <id>', 'one that `ablate checkpoints` lists (default: the best)')
    .addHelpText('after', examples('download 7d9f0d52-46a5-4f0e-9d6e-0b1f6a3c1c11 --output best.safetensors'))
    .action(async (text: string, { output, checkpoint: id }: { output: string; checkpoint?: string }) => {
      const [{ nullIfMissing }, { bestCheckpoint, downloadCheckpoint, listedCheckpoint }] = await Promise.all([
        import('@ablate/files'),
        import('../checkpoint-file.ts'),
      ]);
      if (await nullIfMissing(stat(output)))
        throw new UserError(`${output} exists: give --output another name`, 'usage');
      const checkpoint = await (id === undefined ? bestCheckpoint(text, context) : listedCheckpoint(text, id, context));
      await downloadCheckpoint(checkpoint, output, context);
      const { kind, epoch, step, bytes } = checkpoint;
      context.print(`${output}: ${kind} checkpoint of epoch ${epoch}, step ${step}, ${formatBytes(bytes)}`);
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
      .argument('<checkpoint>', `${idHelp('checkpoint')}; \`ablate checkpoints <run>\` lists them`)
      .option('--json', 'print JSON')
      .addHelpText('after', examples(`${verb} 0b1f6a3c-46a5-4f0e-9d6e-7d9f0d521c11`))
      .action(async (text: string, { json = false }: { json?: boolean }) => {
        const api = await apiOf(context);
        const { id } = await resolveId(api, text, ['checkpoint']);
        const checkpoint = await api.checkpoints[verb](id);
        const { kind, step, runId } = checkpoint;
        context.print(json ? asJson(checkpoint) : `checkpoint ${kind} at step ${step} of run ${runId}: ${outcome}`);
      });
  };

export const pin = pinning('pin');
export const unpin = pinning('unpin');
