/** The process that inspects, on the checkpoint of a real run. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { type CheckpointFile, InsideHeader, type InspectCommand, type TrainerEvent } from '@ablate/contracts';
import { encodePng } from '@ablate/files/png';
import { temporaryFolder } from '@ablate/harness/temporary';
import { decodeSafetensors } from '@ablate/models';
import { fit } from '@ablate/training';
import { inspectInProcess } from '../../apps/worker/src/inspect-process.ts';
import { testEnvironment } from '../support/run-environment.ts';
import { data, tinyCommand, tinyConfig } from '../support/tiny.ts';

const home = temporaryFolder();
after(() => home.remove());
const signal = new AbortController().signal;
const options = { env: process.env, seconds: 120, signal };

/** A finished run in `home`: its best checkpoint, maps and images. */
const trained = (async () => {
  const events: TrainerEvent[] = [];
  const more = { data, checkpointSeconds: 3600, environment: testEnvironment, stop: signal };
  for await (const event of fit(tinyCommand(home.path, { config: tinyConfig({ epochs: 1 }) }), more))
    events.push(event);
  const checkpoint = events.flatMap((event): CheckpointFile[] =>
    event.type === 'checkpoint' && event.checkpoint.kind === 'best' ? [event.checkpoint] : [],
  )[0];
  assert.ok(checkpoint);
  const maps = decodeSafetensors(await readFile(join(home.path, 'inside-1.safetensors')));
  return { checkpoint, maps, strip: await readFile(join(home.path, 'inside-1.png')) };
})();

async function inspected(command: Partial<InspectCommand>) {
  const { checkpoint } = await trained;
  const all = { folder: home.path, checkpoint, strip: null, images: [], picture: null, ...command };
  return inspectInProcess(all, options);
}

test('the class token of the whole matrices looks where the run recorded it', async () => {
  const { strip, maps } = await trained;
  const answer = await inspected({ strip, images: [3, 0] });
  assert.equal(answer.type, 'done', JSON.stringify(answer));
  const { tensors, metadata } = decodeSafetensors('file' in answer ? answer.file : new Uint8Array());
  assert.equal(metadata.images, '[3,0]');
  const [all, recorded] = [tensors.get('all.attention.1'), maps.tensors.get('attention.1')];
  assert.deepEqual(
    [all?.shape, recorded?.shape],
    [
      [2, 2, 17, 17],
      [16, 2, 4, 4],
    ],
  );
  for (const [entry, image] of [3, 0].entries())
    for (let head = 0; head < 2; head++)
      for (let patch = 0; patch < 16; patch++) {
        const found = Number(all?.data[((entry * 2 + head) * 17 + 0) * 17 + 1 + patch]);
        const wanted = Number(recorded?.data[(image * 2 + head) * 16 + patch]);
        assert.ok(Math.abs(found - wanted) < 2e-3 * wanted, `${found}, not ${wanted}`);
      }
});

test('a picture of any size is prepared as the run prepared its images', async () => {
  const pixels = new Uint8Array(50 * 40 * 3).map((_, i) => (i * 7) % 256);
  const answer = await inspected({ picture: encodePng({ width: 50, height: 40, pixels }) });
  const { tensors, metadata } = decodeSafetensors('file' in answer ? answer.file : new Uint8Array());
  const [image] = InsideHeader.parse(JSON.parse(metadata.inside ?? 'null')).images;
  assert.deepEqual([image?.label, image?.top.length], [null, 3]);
  assert.deepEqual(tensors.get('picture')?.shape, [32, 32, 3]);
  for (const name of ['attention.0', 'rollout', 'gradcam', 'all.attention.0']) assert.ok(tensors.has(name), name);
});

test('what cannot be inspected is an answer that says why', async () => {
  const { strip, checkpoint } = await trained;
  const said = async (command: Partial<InspectCommand>) => {
    const answer = await inspected(command);
    return 'message' in answer ? answer.message : 'done';
  };
  assert.match(await said({ picture: Buffer.from('no picture') }), /the picture: not a JPEG/);
  const gone = { ...checkpoint, file: 'best-7-7.safetensors' };
  assert.match(await said({ strip, images: [0], checkpoint: gone }), /best checkpoint is refused: .*ENOENT/);
  const command = { folder: home.path, checkpoint, strip, images: [0], picture: null };
  const late = await inspectInProcess(command, { ...options, seconds: 0.05 });
  assert.match('message' in late ? late.message : '', /took longer than 0\.05 s/);
});
