/** CLIP's byte-pair tokeniser: Radford et al. 2021 (arXiv:2103.00020), after Sennrich et al. 2016. */
import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { cleanText } from './clean.ts';

/** Merges that CLIP uses of the 262,144 in the file. */
const MERGES = 49_152 - 256 - 2;
const MAX_FILE_BYTES = 64 * 1024 * 1024;
const MAX_REMEMBERED = 100_000;
const END = '</w>';

/** The start and end of a text, the last two of the vocabulary. */
const START_OF_TEXT = 49_406;
const END_OF_TEXT = 49_407;

/** An invalid vocabulary file, or a text that is too long. */
export class TokenizerError extends Error {
  override name = 'TokenizerError';
}

export type Tokenizer = {
  /** Ids of a text, without start and end. */
  encode: (text: string) => number[];
  /**
   * One row a text: start, ids, end, then zeros; (texts · context) ids, row-major. A text that is too long is an error that names it;
   * with `truncate` it keeps its beginning and the end token.
   */
  tokenize: (texts: readonly string[], options?: { context?: number; truncate?: boolean }) => Int32Array;
};

/** A visible character for each byte: itself if it prints, otherwise one from U+0100 on. In the order of the vocabulary. */
function byteCharacters(): Map<number, string> {
  const prints = (byte: number) => (byte > 0x20 && byte < 0x7f) || (byte > 0xa0 && byte !== 0xad);
  const bytes = Array.from({ length: 256 }, (_, byte) => byte);
  const shown = bytes.filter(prints).map((byte): [number, string] => [byte, String.fromCodePoint(byte)]);
  const hidden = bytes.filter((byte) => !prints(byte));
  return new Map([...shown, ...hidden.map((byte, i): [number, string] => [byte, String.fromCodePoint(256 + i)])]);
}

function readMerges(bytes: Uint8Array): [string, string][] {
  const zipped = bytes[0] === 0x1f && bytes[1] === 0x8b;
  let text: string;
  try {
    text = Buffer.from(zipped ? gunzipSync(bytes, { maxOutputLength: MAX_FILE_BYTES }) : bytes).toString('utf8');
  } catch (error) {
    throw new TokenizerError('the vocabulary file is damaged: it cannot be unzipped', { cause: error });
  }
  const lines = text.split('\n').slice(1, MERGES + 1);
  const merges = lines.map((line): [string, string] => {
    const [first, second, ...more] = line.trim().split(/\s+/);
    if (!first || !second || more.length > 0)
      throw new TokenizerError(`not a list of merges: line "${line.slice(0, 40)}" is not two symbols`);
    return [first, second];
  });
  if (merges.length < MERGES)
    throw new TokenizerError(`a vocabulary of CLIP has ${MERGES} merges, this file has ${merges.length}`);
  return merges;
}

// The start and end tokens by open_clip's spelling; then contractions, words, single digits, and runs of anything else.
const WORDS = /<start_of_text>|<end_of_text>|'s|'t|'re|'ve|'m|'ll|'d|\p{L}+|\p{N}|[^\s\p{L}\p{N}]+/giu;

/** Join the pair that was learnt first, everywhere in the word, until no learnt pair is left. */
function merge(symbols: string[], ranks: ReadonlyMap<string, number>): string[] {
  let word = symbols;
  while (word.length > 1) {
    let best = Number.POSITIVE_INFINITY;
    let pair = '';
    for (let i = 0; i + 1 < word.length; i++) {
      const candidate = `${word[i]} ${word[i + 1]}`;
      const rank = ranks.get(candidate);
      if (rank !== undefined && rank < best) [best, pair] = [rank, candidate];
    }
    if (best === Number.POSITIVE_INFINITY) break;
    const joined: string[] = [];
    for (let i = 0; i < word.length; i++) {
      const both = i + 1 < word.length && `${word[i]} ${word[i + 1]}` === pair;
      joined.push(both ? `${word[i]}${word[i + 1]}` : (word[i] ?? ''));
      if (both) i++;
    }
    word = joined;
  }
  return word;
}

/** A tokeniser from the merges `bpe_simple_vocab_16e6.txt`, zipped or not. Throws TokenizerError if the file is invalid. */
export function openTokenizer(file: Uint8Array): Tokenizer {
  const characters = byteCharacters();
  const merges = readMerges(file);
  const ranks = new Map(merges.map(([first, second], rank) => [`${first} ${second}`, rank]));
  const symbols = [...characters.values()];
  const vocabulary = [...symbols, ...symbols.map((c) => c + END), ...merges.map((pair) => pair.join(''))];
  const ids = new Map(vocabulary.map((symbol, id) => [symbol, id]));
  const special = new Map([
    ['<start_of_text>', [START_OF_TEXT]],
    ['<end_of_text>', [END_OF_TEXT]],
  ]);
  const remembered = new Map<string, number[]>();

  const encodeWord = (word: string): number[] => {
    const known = special.get(word) ?? remembered.get(word);
    if (known) return known;
    const bytes = [...Buffer.from(word, 'utf8')].map((byte) => characters.get(byte) ?? '');
    const last = bytes.pop() ?? '';
    const found = merge([...bytes, last + END], ranks).map((symbol) => {
      const id = ids.get(symbol);
      if (id === undefined) throw new TokenizerError(`"${symbol}" of "${word}" is not in the vocabulary`);
      return id;
    });
    if (remembered.size >= MAX_REMEMBERED) remembered.clear();
    remembered.set(word, found);
    return found;
  };

  const encode = (text: string): number[] => (cleanText(text).match(WORDS) ?? []).flatMap(encodeWord);

  const tokenize: Tokenizer['tokenize'] = (texts, { context = 77, truncate = false } = {}) => {
    const rows = new Int32Array(texts.length * context);
    for (const [row, text] of texts.entries()) {
      const found = [START_OF_TEXT, ...encode(text), END_OF_TEXT];
      if (found.length > context && !truncate)
        throw new TokenizerError(
          `text ${row + 1}, "${text.slice(0, 60)}", has ${found.length} tokens, and a context has ${context}: shorten it, or set truncate`,
        );
      const kept = found.slice(0, context);
      if (found.length > context) kept[context - 1] = END_OF_TEXT;
      rows.set(kept, row * context);
    }
    return rows;
  };
  return { encode, tokenize };
}

/**
 * A tokeniser from a file. CLIP's is `bpe_simple_vocab_16e6.txt.gz` in OpenAI's repository and in the Python package open_clip_torch.
 */
export async function readTokenizer(path: string): Promise<Tokenizer> {
  const bytes = await readFile(path);
  if (bytes.length > MAX_FILE_BYTES)
    throw new TokenizerError(`${path} is ${bytes.length} bytes: the limit is ${MAX_FILE_BYTES}`);
  return openTokenizer(bytes);
}
