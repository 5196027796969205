import path from 'node:path';

/** Where one data set's packed form stands; `stem` is `<name>-<key>`. */
export type CachePlace = { folder: string; stem: string };

/** `bin` and `json` are the packed copy, `part` and `journal` one in the making, `lock` says by whom. */
export type CacheExtension = 'bin' | 'json' | 'part' | 'journal' | 'lock';

export const file = ({ folder, stem }: CachePlace, extension: CacheExtension) =>
  path.join(folder, `${stem}.${extension}`);
