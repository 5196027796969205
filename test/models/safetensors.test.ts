import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { decodeSafetensors, encodeSafetensors, type TensorData } from '@ablate/models/safetensors';
import fc from 'fast-check';

const reference = new Uint8Array(readFileSync(new URL('../fixtures/models/reference.safetensors', import.meta.url)));

/** A file with this header and `bytes` bytes of data, even if they contradict each other. */
function file(header: string, room = 0): Uint8Array {
  const json = Buffer.from(header);
  const bytes = new Uint8Array(8 + json.length + room);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(json.length), true);
  bytes.set(json, 8);
  return bytes;
}

const entry = (dtype: string, shape: unknown, offsets: unknown): string =>
  JSON.stringify({ dtype, shape, data_offsets: offsets });

test('a file of the PyPI package is read, half precisions as float32', () => {
  const { tensors, metadata } = decodeSafetensors(reference);
  assert.deepEqual(metadata, { format: 'pt' });
  const half = [0, -0, 1, -1.5, 65504, 2 ** -24, 1678 * 2 ** -24, Number.POSITIVE_INFINITY, 3.140625];
  assert.deepEqual(tensors.get('b.half'), { dtype: 'F32', shape: [9], data: Float32Array.from(half) });
  const bfloat = tensors.get('b.bfloat')?.data;
  assert.deepEqual(
    [bfloat?.[1], bfloat?.[3], bfloat?.[4], bfloat?.[7], bfloat?.[8]],
    [-0, -1.5, 65536, Infinity, 3.140625],
  );
  assert.deepEqual(tensors.get('a.float'), {
    dtype: 'F32',
    shape: [2, 3],
    data: Float32Array.from([0, 1, 2, 3, 4, 5], (v) => v / 7),
  });
  assert.deepEqual(tensors.get('10')?.shape, []);
  assert.deepEqual(tensors.get('empty'), { dtype: 'F32', shape: [0, 4], data: new Float32Array(0) });
  assert.deepEqual(tensors.get('ints')?.data, Int32Array.of(-2147483648, 7));
  assert.deepEqual(tensors.get('longs')?.data, BigInt64Array.of(-(2n ** 62n), 3n));
  assert.deepEqual(tensors.get('bytes'), { dtype: 'U8', shape: [3], data: Uint8Array.of(0, 255, 3) });
  assert.deepEqual(tensors.get('flags'), { dtype: 'BOOL', shape: [2], data: Uint8Array.of(1, 0) });
  assert.equal(tensors.get('Grüße "quoted"\n')?.data[0], 1);
});

test('written files equal the PyPI package’s byte for byte, in any order of tensors', () => {
  const { tensors, metadata } = decodeSafetensors(reference);
  for (const name of ['b.half', 'b.bfloat']) tensors.delete(name);
  const forth = encodeSafetensors(tensors, metadata);
  const back = encodeSafetensors(new Map([...tensors].reverse()), metadata);
  assert.deepEqual(back, forth);
  const plain = new Uint8Array(
    readFileSync(new URL('../fixtures/models/reference-plain.safetensors', import.meta.url)),
  );
  assert.deepEqual(forth, plain);
});

test('a file read at an odd address gives the same values', () => {
  const shifted = new Uint8Array(reference.length + 1);
  shifted.set(reference, 1);
  assert.deepEqual(decodeSafetensors(shifted.subarray(1)), decodeSafetensors(reference));
});

const hostile: [string, Uint8Array, RegExp][] = [
  ['nothing', new Uint8Array(3), /truncated: 3 bytes/],
  ['cut in the header', reference.subarray(0, 100), /truncated: the header has \d+ bytes, the file only 92/],
  ['cut in the data', reference.subarray(0, -1), /reach past the \d+ bytes of data/],
  [
    'a huge header',
    Uint8Array.of(255, 255, 255, 255, 255, 255, 255, 255, 123),
    /18446744073709551615 bytes is more than 100000000/,
  ],
  ['a zip', Buffer.from('PK\u0003\u0004 not what it should be'), /not a safetensors file/],
  ['no brace', file('[]'), /does not begin with "{"/],
  ['bad JSON', file('{"a":'), /the header is not JSON/],
  ['bad UTF-8', file('{"a\xff":1}').map((b) => (b === 0xc3 ? 0xff : b)), /the header is not JSON/],
  ['a name twice', file(`{"a":${entry('U8', [1], [0, 1])},"a":${entry('U8', [1], [0, 1])}}`, 1), /duplicate name "a"/],
  [
    'an escaped name twice',
    file(`{"a":${entry('U8', [1], [0, 1])},"\\u0061":${entry('U8', [1], [0, 1])}}`, 1),
    /duplicate name "a"/,
  ],
  ['an unknown dtype', file(`{"a":${entry('F64', [1], [0, 8])}}`, 8), /tensor "a": unsupported dtype F64; convert/],
  ['a dtype from the prototype', file(`{"a":${entry('toString', [1], [0, 8])}}`, 8), /unsupported dtype toString/],
  ['a negative offset', file(`{"a":${entry('U8', [1], [-1, 0])}}`), /tensor "a": data_offsets.0/],
  ['a fraction', file(`{"a":${entry('U8', [0.5], [0, 1])}}`, 1), /tensor "a": shape.0/],
  ['offsets backwards', file(`{"a":${entry('U8', [1], [1, 0])}}`, 1), /end before they begin/],
  ['offsets past the end', file(`{"a":${entry('U8', [9], [0, 9])}}`, 8), /reach past the 8 bytes/],
  ['an overlap', file(`{"a":${entry('U8', [4], [0, 4])},"b":${entry('U8', [4], [2, 6])}}`, 6), /tensor "b" overlaps/],
  [
    'a hole',
    file(`{"a":${entry('U8', [2], [0, 2])},"b":${entry('U8', [2], [4, 6])}}`, 6),
    /a hole of 2 bytes lies before tensor "b"/,
  ],
  ['a tail', file(`{"a":${entry('U8', [2], [0, 2])}}`, 5), /3 bytes at the end belong to no tensor/],
  ['a shape that overflows', file(`{"a":${entry('U8', [2 ** 40, 2 ** 40], [0, 1])}}`, 1), /overflows/],
  ['a shape of other size', file(`{"a":${entry('F32', [3], [0, 8])}}`, 8), /is 12 bytes, data_offsets give 8/],
  ['an unknown key', file('{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0],"extra":1}}'), /tensor "a"/],
  ['metadata that is no text', file('{"__metadata__":{"a":1}}'), /__metadata__/],
  ['a BOOL of 2', file(`{"a":${entry('BOOL', [1], [0, 1])}}`, 1).fill(2, -1), /must be 0 or 1/],
];
for (const [name, bytes, message] of hostile)
  test(`refused: ${name}`, () => assert.throws(() => decodeSafetensors(bytes), message));

test('writing refuses a shape that does not match its data, and the reserved name', () => {
  const one: TensorData = { dtype: 'F32', shape: [2], data: new Float32Array(1) };
  assert.throws(() => encodeSafetensors(new Map([['a', one]])), /tensor "a": shape \[2\] has 2 elements, its data 1/);
  assert.throws(() => encodeSafetensors(new Map([['__metadata__', { ...one, shape: [1] }]])), /__metadata__/);
});

test('written tensors are read back', () => {
  const tensor = fc.oneof(
    fc.float32Array({ maxLength: 9 }).map((data): TensorData => ({ dtype: 'F32', shape: [data.length, 1], data })),
    fc.uint8Array({ maxLength: 9 }).map((data): TensorData => ({ dtype: 'U8', shape: [data.length], data })),
    fc.bigInt64Array({ maxLength: 3 }).map((data): TensorData => ({ dtype: 'I64', shape: [data.length], data })),
  );
  const name = fc.string({ unit: 'binary' }).filter((s) => s !== '__metadata__');
  fc.assert(
    fc.property(
      fc.array(fc.tuple(name, tensor)),
      fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
      (rows, metadata) => {
        const tensors = new Map(rows);
        const bytes = encodeSafetensors(tensors, metadata);
        const read = decodeSafetensors(bytes);
        assert.deepEqual(new Map([...read.tensors].sort()), new Map([...tensors].sort()));
        assert.deepEqual(Object.entries(read.metadata).sort(), Object.entries(metadata).sort());
      },
    ),
    { numRuns: 200 },
  );
});

test('a tensor may be named __proto__', () => {
  const odd: TensorData = { dtype: 'U8', shape: [1], data: Uint8Array.of(7) };
  assert.deepEqual(decodeSafetensors(encodeSafetensors(new Map([['__proto__', odd]]))).tensors.get('__proto__'), odd);
});

test('damaged files are read or raise SafetensorsError, never a different error', () => {
  fc.assert(
    fc.property(fc.nat(reference.length - 1), fc.nat(255), (at, value) => {
      const damaged = reference.slice();
      damaged[at] = value;
      try {
        decodeSafetensors(damaged);
      } catch (error) {
        assert.equal(error instanceof Error && error.name, 'SafetensorsError');
      }
    }),
    { numRuns: 300 },
  );
});
