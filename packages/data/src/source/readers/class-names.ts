/** Names of numbered classes. */
import { DatasetError } from '../../dataset.ts';

/** Names that are equal, as ImageNet's two cranes, get their number: `crane (134)`. A label is an index into the result. */
export function distinctNames(names: readonly string[]): string[] {
  const count = new Map<string, number>();
  for (const name of names) count.set(name, (count.get(name) ?? 0) + 1);
  return names.map((name, number) => (count.get(name) === 1 ? name : `${name} (${number})`));
}

/** The lines of `classnames.txt`, in UTF-8, or in UTF-16 with a byte order mark. @throws DatasetError for other text, and for an empty line */
export function parseClassNames(file: string, bytes: Uint8Array): string[] {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : bytes[0] === 0xfe && bytes[1] === 0xff ? 'utf-16be' : 'utf-8';
  let text: string;
  try {
    text = new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    throw new DatasetError(`${file}: is not UTF-8 text; save it as UTF-8`);
  }
  const names = text
    .trimEnd()
    .split(/\r?\n/)
    .map((line) => line.trim());
  const invalid = names.findIndex((name) => name === '' || /\p{Cc}/u.test(name));
  if (invalid >= 0)
    throw new DatasetError(
      `${file}: line ${invalid + 1}: expected the name of class ${invalid}, found ${JSON.stringify(names[invalid]?.slice(0, 50))}`,
    );
  return distinctNames(names);
}
