/** `ablate parity`: full-size networks compared with torchvision, timm and open_clip. */
import { join } from 'node:path';
import { UserError } from '@ablate/contracts';
import { REPOSITORY } from '@ablate/files';
import { compareWithReference, isParityCase, PARITY_CASES, type ParityRow } from '@ablate/models';
import { z } from 'zod';
import { asJson, type Context } from '../command.ts';
import { formatTable } from '../table.ts';
import { parseOptions } from './options.ts';

const Options = z.object({ python: z.string().min(1).optional(), json: z.boolean().default(false) });
const SCRIPT = join(REPOSITORY, 'test/fixtures/models/reference.py');

const exponential = (value: number | null): string => (value === null ? '' : value.toExponential(1));

const cells = ({ model, parameters, logits, maps, strict, tokens, holds }: ParityRow) => [
  model,
  parameters,
  exponential(logits),
  exponential(maps),
  strict === 0 ? 'same bytes' : exponential(strict),
  tokens === null ? '' : tokens ? 'equal' : 'different',
  holds ? 'ok' : 'MISMATCH',
];

export async function runParity(models: string[], raw: unknown, context: Context): Promise<void> {
  const { python: given, json } = parseOptions(Options, raw);
  const { signal } = context;
  const python = given ?? (await context.env()).torchPython;
  if (python === undefined)
    throw new UserError(
      'no Python: give --python, or set PARITY_PYTHON, with torch, torchvision, timm, open_clip_torch and safetensors',
      'usage',
    );
  const chosen = (models.length > 0 ? models : PARITY_CASES).map((name) => {
    if (isParityCase(name)) return name;
    throw new UserError(`unknown model "${name}"; the models are ${PARITY_CASES.join(', ')}`, 'usage');
  });
  const rows: ParityRow[] = [];
  for (const name of chosen) {
    context.log(name);
    rows.push(await compareWithReference(name, { python, script: SCRIPT, signal }));
  }
  const columns = ['model', 'parameters', 'logits', 'attention', 'strict=True', 'token ids', ''];
  context.print(json ? asJson(rows) : formatTable(columns, rows.map(cells)));
  const mismatches = rows.filter(({ holds }) => !holds).map(({ model }) => model);
  if (mismatches.length > 0) throw new UserError(`mismatch with the reference: ${mismatches.join(', ')}`);
}
