/**
 * Safetensors: a u64 length, a JSON header, raw little-endian values. Files equal the reference implementation's byte for byte.
 * https://huggingface.co/docs/safetensors/index#format
 */
import { z } from 'zod';

type Arrays = {
  F32: Float32Array;
  I32: Int32Array;
  I64: BigInt64Array;
  /** Bits of half precision: only written, and read as F32. */
  F16: Uint16Array;
  U8: Uint8Array;
  BOOL: Uint8Array;
};

/** A tensor in memory: `shape` in elements, `data` row-major. BOOL is a byte an element, 0 or 1. */
export type TensorData = {
  [D in keyof Arrays]: { dtype: D; shape: number[]; data: Arrays[D] };
}[keyof Arrays];

/** Limit on the bytes of a header: the reference implementation's. */
const MAX_HEADER_BYTES = 100_000_000;

/** A file that is not safetensors, is damaged, or has an unsupported dtype. */
export class SafetensorsError extends Error {
  override name = 'SafetensorsError';
}

const fail = (message: string): never => {
  throw new SafetensorsError(message);
};

/** A view, so that a gigabyte is not copied; a copy only if the view would be misaligned. */
const aligned = (bytes: Uint8Array, to: number): Uint8Array =>
  bytes.byteOffset % to === 0 ? bytes : new Uint8Array(bytes);

const words = (bytes: Uint8Array): Uint16Array => {
  const { buffer, byteOffset } = aligned(bytes, 2);
  return new Uint16Array(buffer, byteOffset, bytes.byteLength / 2);
};

/** IEEE half precision to float32: 5 bits of exponent, 10 of fraction, subnormals included. */
function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1;
  const exponent = (half >> 10) & 0x1f;
  const fraction = half & 0x3ff;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  if (exponent === 0x1f) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

const single = new Float32Array(1);
const bitsOfSingle = new Uint32Array(single.buffer);

/** float32 to the nearest half, of two the even one; beyond 65,504 infinite. */
function floatToHalf(value: number): number {
  single[0] = value;
  const bits = bitsOfSingle[0] ?? 0;
  const sign = (bits >>> 16) & 0x8000;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return sign | 0x7e00;
  if (size >= 65_520) return sign | 0x7c00;
  const exponent = Math.max(-14, ((bits >>> 23) & 0xff) - 127);
  const scaled = size * 2 ** (10 - exponent);
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = floor + (rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? 1 : 0);
  // A fraction that is rounded up to the next power of two carries into the exponent.
  return sign | (((exponent + 14) << 10) + rounded);
}

/** A tensor in half precision, which takes half the bytes. */
export const halved = ({ shape, data }: { shape: number[]; data: Float32Array }): TensorData => ({
  dtype: 'F16',
  shape: [...shape],
  data: Uint16Array.from(data, floatToHalf),
});

function fromHalf(bytes: Uint8Array): Float32Array {
  const halves = words(bytes);
  const table = new Float32Array(65_536).map((_, half) => halfToFloat(half));
  return Float32Array.from(halves, (half) => table[half] ?? Number.NaN);
}

/** bfloat16 is the upper half of a float32. */
function fromBfloat(bytes: Uint8Array): Float32Array {
  const bits = Uint32Array.from(words(bytes), (half) => half << 16);
  return new Float32Array(bits.buffer);
}

const boolean = (bytes: Uint8Array, name: string): Uint8Array =>
  bytes.some((byte) => byte > 1) ? fail(`tensor "${name}": a BOOL must be 0 or 1`) : bytes;

type Read = (bytes: Uint8Array, name: string) => { [D in keyof Arrays]: { dtype: D; data: Arrays[D] } }[keyof Arrays];

/** Readable dtypes: bytes per element, and the reader. Half precisions become float32. */
const READERS = {
  F32: { size: 4, read: (b) => ({ dtype: 'F32', data: view(b, Float32Array) }) },
  F16: { size: 2, read: (b) => ({ dtype: 'F32', data: fromHalf(b) }) },
  BF16: { size: 2, read: (b) => ({ dtype: 'F32', data: fromBfloat(b) }) },
  I32: { size: 4, read: (b) => ({ dtype: 'I32', data: view(b, Int32Array) }) },
  I64: { size: 8, read: (b) => ({ dtype: 'I64', data: view(b, BigInt64Array) }) },
  U8: { size: 1, read: (b) => ({ dtype: 'U8', data: b }) },
  BOOL: { size: 1, read: (b, name) => ({ dtype: 'BOOL', data: boolean(b, name) }) },
} as const satisfies Record<string, { size: number; read: Read }>;

type View<T> = { new (buffer: ArrayBufferLike, offset: number, length: number): T; BYTES_PER_ELEMENT: number };

function view<T>(bytes: Uint8Array, Type: View<T>): T {
  const { buffer, byteOffset, byteLength } = aligned(bytes, Type.BYTES_PER_ELEMENT);
  return new Type(buffer, byteOffset, byteLength / Type.BYTES_PER_ELEMENT);
}

const whole = z.int().min(0);
const Entry = z.strictObject({
  dtype: z.string(),
  shape: z.array(whole).max(32),
  data_offsets: z.tuple([whole, whole]),
});
// Not z.record, which drops a key called __proto__.
const Header = z.custom<Record<string, unknown>>((value) => typeof value === 'object' && value !== null);
const Metadata = z.custom<Record<string, string>>(
  (value) => Header.safeParse(value).success && Object.values(Object(value)).every((v) => typeof v === 'string'),
);

/** Refuse duplicate names: JSON.parse would keep the last of two equal keys. */
function refuseDuplicates(json: string): void {
  const open: (Set<string> | null)[] = [];
  let key = false;
  for (let at = 0; at < json.length; at++) {
    const character = json[at];
    if (character === '{' || character === '[') open.push(character === '{' ? new Set() : null);
    else if (character === '}' || character === ']') open.pop();
    if (character === '{' || character === ',') key = open.at(-1) instanceof Set;
    if (character !== '"') continue;
    const start = at++;
    while (json[at] !== '"') at += json[at] === '\\' ? 2 : 1;
    if (!key) continue;
    const name: string = JSON.parse(json.slice(start, at + 1));
    if (open.at(-1)?.has(name)) fail(`duplicate name "${name}" in the header`);
    open.at(-1)?.add(name);
    key = false;
  }
}

function parseHeader(bytes: Uint8Array): { header: Record<string, unknown>; start: number } {
  if (bytes.byteLength < 8) fail(`truncated: ${bytes.byteLength} bytes cannot hold the 8 of the header length`);
  const length = new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true);
  if (length > BigInt(MAX_HEADER_BYTES))
    fail(`a header of ${length} bytes is more than ${MAX_HEADER_BYTES}: this is not a safetensors file`);
  const start = 8 + Number(length);
  if (start > bytes.byteLength)
    fail(`truncated: the header has ${length} bytes, the file only ${bytes.byteLength - 8} after its length`);
  const raw = bytes.subarray(8, start);
  if (raw[0] !== 0x7b) fail('the header does not begin with "{": this is not a safetensors file');
  let text: string;
  let header: unknown;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(raw);
    header = JSON.parse(text);
  } catch (cause) {
    throw new SafetensorsError(`the header is not JSON: ${cause instanceof Error ? cause.message : cause}`, { cause });
  }
  refuseDuplicates(text);
  return { header: Header.parse(header), start };
}

type Location = { name: string; dtype: keyof typeof READERS; shape: number[]; from: number; to: number };

const isReadable = (dtype: string): dtype is keyof typeof READERS => Object.hasOwn(READERS, dtype);

function locate(name: string, value: unknown, room: number): Location {
  const parsed = Entry.safeParse(value);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    return fail(`tensor "${name}": ${issue?.path.join('.') || 'entry'}: ${issue?.message}`);
  }
  const { dtype, shape, data_offsets } = parsed.data;
  const [from, to] = data_offsets;
  if (!isReadable(dtype))
    return fail(
      `tensor "${name}": unsupported dtype ${dtype}; convert it to one of ${Object.keys(READERS).join(', ')}`,
    );
  if (from > to) fail(`tensor "${name}": data_offsets [${from}, ${to}] end before they begin`);
  if (to > room) fail(`tensor "${name}": data_offsets [${from}, ${to}] reach past the ${room} bytes of data`);
  const bytes = shape.reduce((product, side) => product * side, READERS[dtype].size);
  if (!Number.isSafeInteger(bytes)) fail(`tensor "${name}": shape [${shape}] overflows`);
  if (bytes !== to - from)
    fail(`tensor "${name}": shape [${shape}] of ${dtype} is ${bytes} bytes, data_offsets give ${to - from}`);
  return { name, dtype, shape, from, to };
}

/**
 * Read a safetensors file. F16 and BF16 become F32. Arrays are views of `bytes` where alignment allows it: do not change `bytes` afterwards.
 * @throws SafetensorsError naming the tensor and what is wrong: truncated or oversized header, bad JSON, a duplicate name, an unsupported dtype,
 * offsets that are negative, overlap, leave a hole or reach past the end, a shape that does not match its bytes.
 */
export function decodeSafetensors(bytes: Uint8Array): {
  tensors: Map<string, TensorData>;
  metadata: Record<string, string>;
} {
  const { header, start } = parseHeader(bytes);
  const room = bytes.byteLength - start;
  const metadata = Metadata.safeParse(header.__metadata__ ?? {});
  if (!metadata.success) return fail('__metadata__ must map strings to strings');
  const located = Object.entries(header)
    .filter(([name]) => name !== '__metadata__')
    .map(([name, value]) => locate(name, value, room))
    .sort((a, b) => a.from - b.from || a.to - b.to);
  let end = 0;
  for (const { name, from, to } of located) {
    if (from < end) fail(`tensor "${name}" overlaps the one before it: it begins at ${from}, that one ends at ${end}`);
    if (from > end) fail(`a hole of ${from - end} bytes lies before tensor "${name}"`);
    end = to;
  }
  if (end !== room) fail(`${room - end} bytes at the end belong to no tensor`);
  const tensors = new Map<string, TensorData>();
  for (const { name, dtype, shape, from, to } of located)
    tensors.set(name, { shape, ...READERS[dtype].read(bytes.subarray(start + from, start + to), name) });
  return { tensors, metadata: metadata.data };
}

/** The reference's order of data: widest type first, so that everything is aligned; then by name, in bytes. */
const ORDER = ['I64', 'F32', 'I32', 'F16', 'U8', 'BOOL'] as const satisfies (keyof Arrays)[];

/**
 * A safetensors file in pieces, which together may be larger than a buffer: the header, then the bytes of each tensor, which
 * are views of its data. The same tensors and metadata give the same bytes, in any order.
 * @throws SafetensorsError if a shape does not match its data or a tensor is called `__metadata__`.
 */
export function safetensorsPieces(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Record<string, string> = {},
): Uint8Array[] {
  const sorted = [...tensors]
    .map(([name, tensor]) => ({ name, tensor, key: Buffer.from(name) }))
    .sort((a, b) => ORDER.indexOf(a.tensor.dtype) - ORDER.indexOf(b.tensor.dtype) || Buffer.compare(a.key, b.key));
  // By hand, not from an object: JavaScript moves keys that look like whole numbers to the front.
  const entries: string[] = [];
  if (Object.keys(metadata).length > 0) {
    const pairs = Object.entries(metadata).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
    entries.push(`"__metadata__":{${pairs.map(([k, v]) => `${JSON.stringify(k)}:${JSON.stringify(v)}`).join(',')}}`);
  }
  let end = 0;
  for (const { name, tensor } of sorted) {
    if (name === '__metadata__') fail('no tensor may be called "__metadata__"');
    const { dtype, shape, data } = tensor;
    const elements = shape.reduce((product, side) => product * side, 1);
    if (elements !== data.length)
      fail(`tensor "${name}": shape [${shape}] has ${elements} elements, its data ${data.length}`);
    const from = end;
    end += data.byteLength;
    entries.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [from, end] })}`);
  }
  const json = Buffer.from(`{${entries.join(',')}}`);
  const headerBytes = Math.ceil(json.byteLength / 8) * 8;
  if (headerBytes > MAX_HEADER_BYTES) fail(`the header would have ${headerBytes} bytes, more than ${MAX_HEADER_BYTES}`);
  const header = new Uint8Array(8 + headerBytes);
  new DataView(header.buffer).setBigUint64(0, BigInt(headerBytes), true);
  header.set(json, 8);
  header.fill(0x20, 8 + json.byteLength);
  return [
    header,
    ...sorted.map(({ tensor: { data } }) => new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ];
}

/** The same file in one buffer. */
export function encodeSafetensors(
  tensors: ReadonlyMap<string, TensorData>,
  metadata: Record<string, string> = {},
): Uint8Array {
  const pieces = safetensorsPieces(tensors, metadata);
  const bytes = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.byteLength, 0));
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
