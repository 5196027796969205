/** Weights from a file: safetensors is read, a pickle never. */
import { open } from 'node:fs/promises';
import { decodeSafetensors, SafetensorsError, type TensorData } from '../safetensors.ts';

/** Bytes a weights file may have where the caller says nothing. */
export const MAX_WEIGHTS_BYTES = 8 * 2 ** 30;

const startsWith =
  (...magic: number[]) =>
  (bytes: Uint8Array): boolean =>
    magic.every((byte, at) => bytes[at] === byte);

/** What people have instead of safetensors, by the first bytes. */
const STRANGERS: { is: (bytes: Uint8Array) => boolean; what: string; remedy: (path: string) => string }[] = [
  {
    is: startsWith(0x50, 0x4b, 0x03, 0x04),
    what: 'a PyTorch archive (a zip that holds a pickle)',
    remedy: (path) =>
      `${convert('torch.load', path, ', weights_only=True')}; for TorchScript, such as OpenAI’s CLIP: ${convert('torch.jit.load', path, '', '.state_dict()')}`,
  },
  {
    is: (bytes) => bytes[0] === 0x80 && (bytes[1] ?? 0) >= 2 && (bytes[1] ?? 0) <= 5,
    what: 'a pickle',
    remedy: (path) => convert('torch.load', path, ', weights_only=True'),
  },
  {
    is: startsWith(0x1f, 0x8b),
    what: 'a gzip archive',
    remedy: () => 'unpack it and give the safetensors file inside',
  },
  {
    is: startsWith(0x89, 0x48, 0x44, 0x46),
    what: 'an HDF5 file',
    remedy: () => 'save its arrays with safetensors.numpy.save_file',
  },
];

function convert(load: string, path: string, options: string, after = ''): string {
  const code = [
    'import torch, safetensors.torch as st',
    `w = ${load}(${JSON.stringify(path)}, map_location='cpu'${options})${after}`,
    "w = w.get('state_dict', w.get('model', w.get('teacher', w)))",
    `st.save_file({k: v.contiguous().clone() for k, v in w.items() if torch.is_tensor(v)}, ${JSON.stringify(`${path.replace(/\.[a-z]+$/, '')}.safetensors`)})`,
  ];
  return `python -c ${JSON.stringify(code.join('; '))}`;
}

/** Throw where bytes are another format, with what to do about it. A pickle can run any code when it is opened, so it is not. */
export function refuseStrangers(bytes: Uint8Array, path: string): void {
  const stranger = STRANGERS.find(({ is }) => is(bytes));
  if (!stranger) return;
  const pickled = stranger.what.includes('pickle')
    ? ', which can run any code when opened, and is never opened here'
    : '';
  throw new SafetensorsError(
    `${path} is ${stranger.what}${pickled}. Give a safetensors file: where you trust it, ${stranger.remedy(path)}`,
  );
}

/**
 * Read a safetensors file whole.
 * @throws SafetensorsError naming the file and what is wrong with it; the error of the file system where it cannot be read.
 */
export async function readTensorsFile(
  path: string,
  { maxBytes = MAX_WEIGHTS_BYTES }: { maxBytes?: number } = {},
): Promise<{ tensors: Map<string, TensorData>; metadata: Record<string, string> }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > maxBytes)
      throw new SafetensorsError(`${path} has ${size} bytes, more than the ${maxBytes} that are read`);
    const head = new Uint8Array(8);
    await file.read(head, 0, 8, 0);
    refuseStrangers(head, path);
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      // One read takes at most 2 GiB.
      const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 2 ** 30), at);
      if (bytesRead === 0) throw new SafetensorsError(`${path} ended at byte ${at} of ${size}`);
      at += bytesRead;
    }
    return decodeSafetensors(bytes);
  } catch (error) {
    if (error instanceof SafetensorsError && !error.message.startsWith(path))
      throw new SafetensorsError(`${path}: ${error.message}`, { cause: error });
    throw error;
  } finally {
    await file.close();
  }
}
