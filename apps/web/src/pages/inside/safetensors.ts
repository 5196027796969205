/** Reads a safetensors file of the service: a length, a JSON header, values. Half precision becomes float32. */

export type Tensor = { shape: number[]; data: Float32Array };
export type Tensors = { metadata: Readonly<Record<string, string>>; tensors: ReadonlyMap<string, Tensor> };

type Entry = { dtype: string; shape: number[]; data_offsets: [number, number] };

const halves = Float32Array.from({ length: 65_536 }, (_, half) => {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
});

function valuesOf(buffer: ArrayBuffer, { dtype, data_offsets: [from, to] }: Entry, start: number): Float32Array {
  const bytes = buffer.slice(start + from, start + to);
  if (dtype === 'F16') return Float32Array.from(new Uint16Array(bytes), (half) => halves[half] ?? 0);
  if (dtype === 'U8') return Float32Array.from(new Uint8Array(bytes));
  throw new Error(`unexpected dtype ${dtype}`);
}

export function readSafetensors(buffer: ArrayBuffer): Tensors {
  const length = new DataView(buffer).getUint32(0, true); // the upper half of the length is 0
  const start = 8 + length;
  const { __metadata__: metadata = {}, ...entries } = JSON.parse(
    new TextDecoder().decode(new Uint8Array(buffer, 8, length)),
  );
  const found = Object.entries<Entry>(entries).map(([name, entry]): [string, Tensor] => [
    name,
    { shape: entry.shape, data: valuesOf(buffer, entry, start) },
  ]);
  return { metadata, tensors: new Map(found) };
}
