/** Weights from a safetensors file. Pickles are never opened. */
import { open } from 'node:fs/promises';
import { decodeSafetensors, SafetensorsError, type TensorData } from '../safetensors.ts';

/** Default limit on the bytes of a weights file. */
export const MAX_WEIGHTS_BYTES = 8 * 2 ** 30;

const startsWith =
  (...magic: number[]) =>
  (bytes: Uint8Array): boolean =>
    magic.every((byte, at) => bytes[at] === byte);

/** Other formats of weights, by their first bytes. */
const OTHER_FORMATS: { is: (bytes: Uint8Array) => boolean; what: string; remedy: (path: string) => string }[] = [
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

/** @throws SafetensorsError with a remedy if bytes are in a different format. A pickle can run any code when opened, so none is opened. */
function refuseOtherFormats(bytes: Uint8Array, path: string): void {
  const format = OTHER_FORMATS.find(({ is }) => is(bytes));
  if (!format) return;
  const pickled = format.what.includes('pickle') ? ', which can run any code when opened: Ablate never opens one' : '';
  throw new SafetensorsError(
    `${path} is ${format.what}${pickled}. Use a safetensors file; to convert this one, if you trust it: ${format.remedy(path)}`,
  );
}

/**
 * Read a safetensors file whole.
 * @throws SafetensorsError naming the file and its fault; the file system's error if the file cannot be read.
 */
export async function readTensorsFile(
  path: string,
  { maxBytes = MAX_WEIGHTS_BYTES }: { maxBytes?: number } = {},
): Promise<{ tensors: Map<string, TensorData>; metadata: Record<string, string> }> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    if (size > maxBytes) throw new SafetensorsError(`${path} has ${size} bytes; the limit is ${maxBytes}`);
    const head = new Uint8Array(8);
    await file.read(head, 0, 8, 0);
    refuseOtherFormats(head, path);
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; ) {
      // One read takes at most 2 GiB.
      const { bytesRead } = await file.read(bytes, at, Math.min(size - at, 2 ** 30), at);
      if (bytesRead === 0) throw new SafetensorsError(`${path} is truncated: it ends at byte ${at} of ${size}`);
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
