/** Every model family, with all of its random parts: a run that was killed and resumed writes the same bytes as one that was not. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CheckpointFile, type Config, resolveConfig } from '@ablate/contracts';
import { temporaryFolder } from '@ablate/harness/temporary';
import { fit } from '@ablate/training';
import { testEnvironment } from '../support/run-environment.ts';
import { data, tinyCommand } from '../support/tiny.ts';

const home = temporaryFolder();

const RANDOM = { position: 0.1, attention: 0.1, projection: 0.1, mlp: 0.1, path: 0.2 };
const vit = { family: 'vit', patchSize: 8, width: 24, depth: 2, heads: 2, mlpRatio: 2, dropout: RANDOM };
const AUGMENT = ['basic', { op: 'mixup', p: 0.5 }, { op: 'cutmix', p: 0.5 }];
const branch = { depth: 1, heads: 2 };
/** Residual networks have no random parts, but running statistics that every step changes. */
const MODELS: Record<string, object> = {
  'differential vit': { ...vit, attention: 'differential', pool: 'mean' },
  'parallel vit': { ...vit, ordering: 'parallel', layerScale: 0.1 },
  resnet: { family: 'resnet', depths: [1, 1], widths: [8, 16] },
  'resnet of bottlenecks': {
    family: 'resnet',
    depths: [1, 1],
    widths: [8, 16],
    block: 'bottleneck',
    ordering: 'preActivation',
  },
  crossvit: {
    family: 'crossvit',
    small: { ...branch, patchSize: 8, width: 16 },
    large: { ...branch, patchSize: 16, width: 32 },
    stages: 1,
    dropout: RANDOM,
  },
};

function configOf(model: object): Config {
  const resolved = resolveConfig({
    dataset: { name: 'shapes10', samples: 160 },
    model,
    train: { epochs: 2, batchSize: 24, labelSmoothing: 0.1, ema: 0.9, clipNorm: 1, schedule: { warmupEpochs: 0.5 } },
    augment: AUGMENT,
  });
  if ('complaints' in resolved) throw new Error(JSON.stringify(resolved.complaints));
  return resolved.config;
}

/** Train; abandon the run once the last checkpoint is that of step `until`. Returns the newest checkpoint of each kind. */
async function train(
  config: Config,
  {
    folder,
    attempt = 1,
    resume = [],
    until,
  }: { folder: string; attempt?: number; resume?: CheckpointFile[]; until?: number },
): Promise<{ files: CheckpointFile[]; from: number | null }> {
  const files = new Map(resume.map((file) => [file.kind, file]));
  const command = tinyCommand(folder, { config, attempt, resume });
  const checkpointSeconds = until === undefined ? 3600 : 0;
  let from: number | null = null;
  for await (const event of fit(command, {
    data,
    checkpointSeconds,
    environment: testEnvironment,
    stop: new AbortController().signal,
  })) {
    if (event.type === 'started') from = event.resumedFrom;
    if (event.type !== 'checkpoint') continue;
    files.set(event.checkpoint.kind, event.checkpoint);
    if (event.checkpoint.kind === 'last' && event.checkpoint.step === until) break;
  }
  return { files: [...files.values()].sort((a, b) => b.step - a.step), from };
}
const bytes = (files: CheckpointFile[]) =>
  Object.fromEntries(files.map(({ kind, step, sha256 }) => [kind, [step, sha256]]));

for (const [name, model] of Object.entries(MODELS))
  test(`${name}: a run that was killed and resumed writes the same bytes as one that was not`, async () => {
    const config = configOf(model);
    const folder = `${home.path}/${name}`;
    const whole = await train(config, { folder: `${folder} whole` });
    const first = await train(config, { folder, until: 4 });
    const second = await train(config, { folder, attempt: 2, resume: first.files, until: 9 });
    const third = await train(config, { folder, attempt: 3, resume: second.files });
    assert.deepEqual([first.from, second.from, third.from], [null, 4, 9]);
    assert.deepEqual(bytes(third.files), bytes(whole.files));
  });
