/** Processes of an earlier start whose supervisor was killed. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { isRunning, type ProcessIdentity, readState, writeState } from '@ablate/files';
import { z } from 'zod';
import { end, gone } from '../process/gone.ts';

const Children = z.array(z.strictObject({ pid: z.int(), started: z.string() }));

const GRACE_SECONDS = 25; // longer than a worker takes to save its runs

const fileIn = (home: string) => join(home, 'children.json');

export const rememberChildren = (home: string, children: ProcessIdentity[]): void => writeState(fileIn(home), children);

export const forgetChildren = (home: string): void => rmSync(fileIn(home), { force: true });

/** They end themselves when their supervisor dies; this waits for it, so that no port and no slot is held twice. */
export async function awaitLeftBehind(home: string, say: (line: string) => void): Promise<void> {
  const children = (readState(fileIn(home), Children) ?? []).filter(isRunning);
  if (children.length > 0) say(`Waiting for ${children.length} processes of the last start to end.`);
  await Promise.all(
    children.map(async (child) => {
      if (!(await gone(child, GRACE_SECONDS))) await end(child, [['SIGKILL', 10]]);
    }),
  );
  forgetChildren(home);
}
