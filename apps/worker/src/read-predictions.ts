/** Reads the predictions that a trainer wrote: hostile until their length, hash and contents are checked. */
import type { PredictionFile } from '@ablate/contracts';
import type { StoredPredictions } from '@ablate/db';
import { decodeSafetensors } from '@ablate/models/safetensors';
import { z } from 'zod';
import { readVerifiedFile } from './verified-file.ts';

const Classes = z.array(z.string().max(1000)).min(2).max(65_536);

/** The predictions in a file of `folder`. Throws, naming the file, if it is damaged. */
export async function readPredictions(folder: string, reported: PredictionFile): Promise<StoredPredictions> {
  const { split, file, images, width } = reported;
  const refuse = (why: string): never => {
    throw new Error(`${file}: ${why}`);
  };
  const { tensors, metadata } = decodeSafetensors(await readVerifiedFile(folder, reported));
  const classes = Classes.parse(JSON.parse(metadata.classes ?? 'null'));
  const plane = (name: string, length: number): Buffer => {
    const tensor = tensors.get(name);
    if (tensor?.dtype !== 'U8' || tensor.data.length !== length) return refuse(`"${name}" must be ${length} bytes`);
    return Buffer.from(tensor.data);
  };
  const indices = tensors.get('indices');
  if (indices && (indices.dtype !== 'I32' || indices.data.length !== images))
    refuse(`"indices" must be ${images} numbers`);
  const [predicted, labels] = [plane('predicted', images * width), plane('labels', images * width)];
  for (const [name, values] of Object.entries({ predicted, labels }))
    for (let at = 0; at < values.length; at += width)
      if (values.readUIntBE(at, width) >= classes.length) refuse(`"${name}" has a class above ${classes.length - 1}`);
  return {
    ...{ split, images, width, classes, labels },
    indices: indices ? [...indices.data].map(Number) : null,
    data: Buffer.concat([predicted, plane('confidence', images), plane('rank', images * width)]),
  };
}
