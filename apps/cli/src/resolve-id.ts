/** Ids as a user types them: whole, or their beginning or end. Only the API knows what an id names. */
import type { Api } from '@ablate/client';
import type { IdKind } from '@ablate/contracts';
import { UserError } from '@ablate/contracts/user-error';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** How help describes the argument of a command. */
export const idHelp = (kinds: string): string => `id of a ${kinds}, or at least 4 characters of its beginning or end`;

/**
 * The one id of these kinds that begins or ends with `text`.
 * @throws UserError if there is none, or, with the candidates, if there are several
 */
export async function resolveId<Kind extends IdKind>(
  api: Api,
  text: string,
  kinds: readonly [Kind, ...Kind[]],
): Promise<{ kind: Kind; id: string }> {
  const [only] = kinds;
  if (kinds.length === 1 && UUID.test(text)) return { kind: only, id: text.toLowerCase() };
  const wanted = kinds.join(' or ');
  if (!/^[0-9a-f-]{4,36}$/i.test(text))
    throw new UserError(
      `"${text}" is not the id of a ${wanted}: give the id, or at least 4 characters of its beginning or end`,
      'usage',
    );
  const { items, more } = await api.ids.find(text);
  const found = items.flatMap((item) => kinds.filter((kind) => kind === item.kind).map((kind) => ({ ...item, kind })));
  const [first] = found;
  if (first === undefined)
    throw new UserError(
      UUID.test(text)
        ? `unknown ${wanted} id ${text}`
        : `no ${wanted} has an id that begins or ends with "${text}": \`ablate ls\` lists sweeps, \`ablate show\` their runs`,
    );
  if (found.length === 1 && !more) return { kind: first.kind, id: first.id };
  const candidates = found.map(({ kind, id, name }) => `  ${id}  ${kind} ${name}`);
  throw new UserError(
    [
      `"${text}" is ambiguous: give more characters, such as the last ones`,
      ...candidates,
      ...(more ? ['  …'] : []),
    ].join('\n'),
    'usage',
  );
}
