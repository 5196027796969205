/** Preemption notices of spot machines. */
import { access } from 'node:fs/promises';
import { isMissingPath } from '@ablate/files';
import type { Logger } from 'pino';
import { type Repeated, repeat } from './repeat.ts';

const TIMEOUT_MS = 2_000;

/** Request headers: AWS needs a session token (IMDSv2), Google its own header. */
async function metadataHeaders(url: URL): Promise<Record<string, string>> {
  if (!url.pathname.startsWith('/latest/meta-data/')) return { 'metadata-flavor': 'Google' };
  const answer = await fetch(new URL('/latest/api/token', url), {
    method: 'PUT',
    headers: { 'x-aws-ec2-metadata-token-ttl-seconds': '300' },
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  return answer.ok ? { 'x-aws-ec2-metadata-token': await answer.text() } : {};
}

/**
 * Whether there is a notice: a file that exists, or a URL that answers 200 with anything but FALSE (AWS:
 * http://169.254.169.254/latest/meta-data/spot/instance-action; Google:
 * http://metadata.google.internal/computeMetadata/v1/instance/preempted). Throws if the URL answers with an error other
 * than 404, or the file cannot be read.
 */
export async function isPreempted(notice: string): Promise<boolean> {
  if (!/^https?:/.test(notice))
    return access(notice).then(
      () => true,
      (error: unknown) => {
        if (isMissingPath(error)) return false;
        throw error;
      },
    );
  const url = new URL(notice);
  const answer = await fetch(url, { headers: await metadataHeaders(url), signal: AbortSignal.timeout(TIMEOUT_MS) });
  const text = (await answer.text()).trim();
  if (answer.status === 404) return false;
  if (!answer.ok) throw new Error(`${notice} answers ${answer.status}`);
  return text.toUpperCase() !== 'FALSE';
}

/** Check at an interval; calls `onNotice` once. */
export function watchForPreemption(
  notice: string,
  { everySeconds, log, onNotice }: { everySeconds: number; log: Logger; onNotice: () => void },
): Repeated {
  let noticed = false;
  return repeat(
    'preemption notice',
    everySeconds,
    async () => {
      if (noticed || !(await isPreempted(notice))) return;
      noticed = true;
      log.warn({ notice }, 'preemption notice: this machine will be taken away');
      onNotice();
    },
    log,
  );
}
