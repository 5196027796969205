const hasCode = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && 'code' in error && codes.some((code) => code === error.code);

/** Whether a file or folder does not exist (ENOENT). */
export const isMissing = (error: unknown): boolean => hasCode(error, 'ENOENT');

/** Whether a file or folder does not exist, or its path leads through a file (ENOENT, ENOTDIR). */
export const isMissingPath = (error: unknown): boolean => hasCode(error, 'ENOENT', 'ENOTDIR');

/** Whether a file exists that had to be created (EEXIST). */
export const isExisting = (error: unknown): boolean => hasCode(error, 'EEXIST');

/** Resolves to null if the file or folder does not exist. */
export const nullIfMissing = <T>(result: Promise<T>): Promise<T | null> =>
  result.catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
