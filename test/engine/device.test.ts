import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, openSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bf16Obstacle, describeDevice, tensorflowVariables } from '@ablate/engine';
import { instructionSets } from '@ablate/engine/processor';

const source = join(import.meta.dirname, '../../packages/engine/src');
const engine = join(source, 'index.ts');

/** Run a script in a process of its own that first loads `module`, with stderr in a file; returns what it printed there. */
function stderrOfLoading(
  home: string,
  script: string,
  environment: Record<string, string> = {},
  module = engine,
): string {
  const file = join(home, 'stderr');
  const stderr = openSync(file, 'w');
  const env = { ...process.env, ABLATE_HOME: home, ...environment };
  const code = `const engine = await import(${JSON.stringify(module)}); ${script}`;
  spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    stdio: ['ignore', 'ignore', stderr],
    env,
  });
  return readFileSync(file, 'utf8');
}

const withHome = (f: (home: string) => void) => (t: { after: (f: () => void) => void }) => {
  const home = mkdtempSync(join(tmpdir(), 'ablate-home-'));
  t.after(() => rmSync(home, { recursive: true, force: true }));
  f(home);
};

test(
  'loading TensorFlow prints nothing; later output is printed',
  withHome((home) => {
    assert.equal(stderrOfLoading(home, 'console.error("after", engine.tf.getBackend())'), 'after tensorflow\n');
    assert.deepEqual(readdirSync(join(home, 'loading')), []);
  }),
);

test(
  'the output of a process that died while loading is printed by the next one',
  withHome((home) => {
    mkdirSync(join(home, 'loading'));
    const pid = Number(execFileSync(process.execPath, ['-p', 'process.pid'], { encoding: 'utf8' }));
    writeFileSync(join(home, 'loading', `${hostname()}-${pid}.log`), 'F0000 this processor lacks AVX\n');
    writeFileSync(join(home, 'loading', 'another-host-1.log'), 'not ours\n');
    const text = stderrOfLoading(home, '');
    assert.match(
      text,
      new RegExp(
        `process \\(${pid}\\) ended while it loaded TensorFlow; it had printed:\\nF0000 this processor lacks AVX`,
      ),
    );
    assert.deepEqual(readdirSync(join(home, 'loading')), ['another-host-1.log']);
  }),
);

test(
  'an invalid variable is named',
  withHome((home) => {
    assert.match(stderrOfLoading(home, '', { ABLATE_DEVICE: 'tpu' }), /ABLATE_DEVICE: Invalid option/);
    assert.match(
      stderrOfLoading(home, 'engine.checkDevice()', { ABLATE_DEVICE: 'gpu', CUDA_VISIBLE_DEVICES: '-1' }),
      /ABLATE_DEVICE=gpu, but TensorFlow found no usable GPU/,
    );
  }),
);

test(
  'only loading TensorFlow reads the environment: a module that needs none accepts an invalid one',
  withHome((home) => {
    const chatter = join(source, 'tensorflow/chatter.ts');
    assert.equal(
      stderrOfLoading(home, 'console.error(engine.isChatter(""))', { ABLATE_DEVICE: 'tpu' }, chatter),
      'false\n',
    );
  }),
);

test('bf16 is refused on hardware without it', () => {
  assert.equal(bf16Obstacle('Xeon', { cpuFeatures: ['avx2', 'avx512_bf16'] }), null);
  assert.match(
    bf16Obstacle('Core 2', { cpuFeatures: ['avx2'] }) ?? '',
    /needs a processor with avx512_bf16 .* Core 2 has neither/,
  );
  assert.equal(bf16Obstacle('H200', { gpuCapability: 9 }), null);
  assert.match(bf16Obstacle('T4', { gpuCapability: 7.5 }) ?? '', /T4 has 7.5: use fp32/);
});

test('oneDNN is on unless the user turns it off', () => {
  assert.equal(tensorflowVariables({ device: 'cpu', threads: 0, gpu: false }).TF_ENABLE_ONEDNN_OPTS, '1');
  assert.equal(describeDevice().oneDnn, process.env.TF_ENABLE_ONEDNN_OPTS !== '0');
});

test('instruction sets stop at oneDNN’s limit', () => {
  const flags = new Set(['fpu', 'avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16']);
  assert.deepEqual(instructionSets(flags, ''), ['avx2', 'fma', 'avx512f', 'avx512_bf16', 'amx_bf16']);
  assert.deepEqual(instructionSets(flags, 'avx512_core_bf16'), ['avx2', 'fma', 'avx512f', 'avx512_bf16']);
  assert.deepEqual(instructionSets(flags, 'AVX2'), ['avx2', 'fma']);
  assert.deepEqual(instructionSets(flags, 'SSE41'), []);
  assert.deepEqual(instructionSets(new Set(['asimd', 'bf16']), 'AVX2'), ['asimd', 'bf16']);
});

test('the device is described, and TensorFlow gets the requested threads and determinism', () => {
  const { tensorflow, device, model, threads } = describeDevice();
  assert.match(tensorflow, /^2\.\d+/);
  assert.ok(device === 'cpu' || device === 'gpu');
  assert.ok(model.length > 0 && threads > 0);
  const one = tensorflowVariables({ device: 'cpu', threads: 1, gpu: true });
  assert.equal(one.TF_NUM_INTRAOP_THREADS, '1');
  assert.equal(one.CUDA_VISIBLE_DEVICES, '-1');
  assert.equal(one.TF_DETERMINISTIC_OPS, undefined);
  assert.equal(tensorflowVariables({ device: 'auto', threads: 0, gpu: true }).TF_DETERMINISTIC_OPS, '1');
});
