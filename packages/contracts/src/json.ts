/** JSON as a user writes it. `JSON.parse` drops a repeated key, makes `1e400` infinite and keeps text that no database stores. */
import type { Complaint } from './complaint.ts';
import { isStorable, NOT_STORABLE } from './text.ts';

/** `malformed`: why the text is not JSON. `complaints`: JSON, but with values that are refused; paths from the root. */
export type ReadJson = { value: unknown } | { malformed: string } | { complaints: Complaint[] };

/** An object or array that is open at a place of the text. `keys`: those of the object so far; null for an array. */
type Open = { keys: Set<string> | null; at: string | number };

/** Complaints after which reading ends. */
const MAX_COMPLAINTS = 10;
/** Keys in the path of a complaint. */
const MAX_PATH = 16;
/** Characters of a key in a message. */
const MAX_KEY = 60;

const NUMBER = /-?\d[\d.eE+-]*/y;
const PROTOTYPE = '__proto__';

const shown = (key: string): string => JSON.stringify(key.length > MAX_KEY ? `${key.slice(0, MAX_KEY)}…` : key);

const pathOf = (open: readonly Open[]): string[] => open.slice(0, MAX_PATH).map(({ at }) => String(at));

/** The end of the string that starts at `start`, after its closing quote. */
function endOfString(json: string, start: number): number {
  let end = start + 1;
  while (json[end] !== '"') end += json[end] === '\\' ? 2 : 1;
  return end + 1;
}

/**
 * What is refused in valid JSON: the key `__proto__`, which code that copies objects takes for their prototype; a key twice
 * in one object; text that cannot be stored; a number beyond the range of a double. One pass without recursion, so that no
 * nesting exhausts the stack.
 */
function scan(json: string): { malformed: string } | { complaints: Complaint[] } {
  const found: Complaint[] = [];
  const open: Open[] = [];
  const complain = (message: string): void => void found.push({ path: pathOf(open), message });
  let isKey = false;
  for (let position = 0; position < json.length && found.length < MAX_COMPLAINTS; ) {
    const character = json[position];
    const inner = open.at(-1);
    if (character === '"') {
      const end = endOfString(json, position);
      const value: string = JSON.parse(json.slice(position, end));
      if (isKey && inner?.keys) {
        if (value === PROTOTYPE) return { malformed: `the key "${PROTOTYPE}" is not allowed` };
        inner.at = value;
        if (inner.keys.has(value)) complain(`key ${shown(value)} appears twice in this object: keep one`);
        inner.keys.add(value);
        isKey = false;
      }
      if (!isStorable(value)) complain(NOT_STORABLE);
      position = end;
    } else if (character === '-' || (character !== undefined && character >= '0' && character <= '9')) {
      NUMBER.lastIndex = position;
      const written = NUMBER.exec(json)?.[0] ?? character;
      if (!Number.isFinite(Number(written))) complain(`${written.slice(0, MAX_KEY)} is out of range of a 64-bit float`);
      position += written.length;
    } else {
      if (character === '{') open.push({ keys: new Set(), at: '' });
      else if (character === '[') open.push({ keys: null, at: 0 });
      else if (character === '}' || character === ']') open.pop();
      else if (character === ',' && inner && typeof inner.at === 'number') inner.at++;
      if (character === '{' || character === ',') isKey = open.at(-1)?.keys instanceof Set;
      position++;
    }
  }
  return { complaints: found };
}

/** Parses JSON strictly. A byte order mark at the start is ignored. The caller limits the length of the text. */
export function readJson(written: string): ReadJson {
  const json = written.replace(/^\uFEFF/, '');
  let value: unknown;
  try {
    value = JSON.parse(json);
  } catch (error) {
    return { malformed: error instanceof Error ? error.message : String(error) };
  }
  const scanned = scan(json);
  return 'malformed' in scanned || scanned.complaints.length > 0 ? scanned : { value };
}
