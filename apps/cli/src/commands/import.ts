import { writeFile } from 'node:fs/promises';
import { UserError } from '@ablate/contracts/user-error';
import { visible } from '@ablate/tables/visible';
import { type Command, InvalidArgumentError } from 'commander';
import type { Context, Register } from '../command.ts';
import { asJson, examples } from '../command.ts';
import { readText } from '../sweep/spec-file.ts';

/** `lr=train.optimizer.learningRate`, one more of them. */
function addName(text: string, before: Record<string, string> = {}): Record<string, string> {
  const [, name, path] = /^([^=]+)=(.+)$/.exec(text) ?? [];
  if (name === undefined || path === undefined)
    throw new InvalidArgumentError('must be NAME=PATH, such as lr=train.optimizer.learningRate');
  return { ...before, [name]: path };
}

const wandb = (command: Command, context: Context) =>
  command
    .command('wandb')
    .description(
      'Print the spec of a sweep of Weights & Biases. Parameters are named by paths of a spec, or by names that scripts often give them. Submits nothing.',
    )
    .summary('Print the spec of a sweep of Weights & Biases.')
    .argument('<sweep.yaml>', 'file of the sweep; - reads stdin')
    .option('--name <parameter=path>', 'the path of a parameter in a spec; may be repeated', addName)
    .option('-o, --out <file>', 'write the spec there')
    .addHelpText(
      'after',
      examples(
        'import wandb sweep.yaml --out spec.json',
        'import wandb sweep.yaml --name rate=train.optimizer.learningRate',
      ),
    )
    .action(async (file: string, { name: names = {}, out }: { name?: Record<string, string>; out?: string }) => {
      const [{ parseDocument }, { specOfWandb, WandbError }, { expandSpec }] = await Promise.all([
        import('yaml'),
        import('@ablate/search'),
        import('../sweep/expand-spec.ts'),
      ]);
      const document = parseDocument(await readText(file), { prettyErrors: true });
      const [malformed] = document.errors;
      if (malformed) throw new UserError(`${file} is not valid YAML: ${malformed.message.split('\n')[0]}`, 'usage');
      let imported: ReturnType<typeof specOfWandb>;
      try {
        imported = specOfWandb(document.toJS({ maxAliasCount: 100 }), { names });
      } catch (error) {
        if (error instanceof WandbError || error instanceof ReferenceError)
          throw new UserError(`${file}: ${error.message}`, 'usage');
        throw error;
      }
      expandSpec(file, imported.spec);
      for (const note of imported.notes) context.log(visible(note));
      if (out === undefined) return context.print(asJson(imported.spec));
      await writeFile(out, `${JSON.stringify(imported.spec, null, 2)}\n`);
      context.print(`${out}: see \`npx ablate plan ${out}\` for what it asks and costs`);
    });

export const importSpec: Register = (program, context) => {
  wandb(program.command('import').description('Take over sweeps of other programs.'), context);
};
