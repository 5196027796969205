/** An S3-compatible bucket. Address, region and credentials come from the environment, in AWS's own names. */
import { randomUUID } from 'node:crypto';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
  S3ServiceException,
} from '@aws-sdk/client-s3';
import type { CheckpointStore, StoredFile } from './store.ts';

export type S3Options = {
  bucket: string;
  /** Prefix of every key, with a slash at its end; empty for the whole bucket. */
  prefix: string;
  /** URL of a server that is not AWS, such as http://127.0.0.1:7070. */
  endpoint?: string;
  region: string;
  /** Milliseconds without data after which a connection times out. */
  silenceMs?: number;
};

export function openS3Store({ bucket, prefix, endpoint, region, silenceMs = 60_000 }: S3Options): CheckpointStore {
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 5,
    // Without timeouts, a request to a server that vanished never ends.
    requestHandler: { connectionTimeout: Math.min(10_000, silenceMs), socketTimeout: silenceMs },
  });
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + key });

  return {
    address: `s3://${bucket}/${prefix}`,
    folder: null,
    async check() {
      try {
        await client.send(new HeadBucketCommand({ Bucket: bucket }));
        // Credentials that may list a bucket need not be allowed to write to it.
        const probe = at(`.ablate-check-${randomUUID()}`);
        await client.send(new PutObjectCommand({ ...probe, Body: '' }));
        await client.send(new DeleteObjectCommand(probe));
      } catch (error) {
        throw new Error(`cannot store checkpoints in s3://${bucket}: ${remedyFor(error)}`, { cause: error });
      }
    },
    // A checkpoint is below the 5 GiB of a single request: the object is stored whole, or not at all. The server checks the
    // hash.
    async put(key, path, { bytes, sha256 }) {
      const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
      // Opened here, so that an error is thrown here and not as an event of the stream.
      const file = await open(path);
      try {
        const Body = file.createReadStream({ autoClose: false });
        await client.send(new PutObjectCommand({ ...at(key), Body, ContentLength: bytes, ChecksumSHA256 }));
      } finally {
        await file.close();
      }
    },
    async get(key) {
      try {
        const { Body, ContentLength = 0 } = await client.send(new GetObjectCommand(at(key)));
        return Body instanceof Readable ? { stream: Body, bytes: ContentLength } : null;
      } catch (error) {
        if (error instanceof NoSuchKey) return null;
        throw error;
      }
    },
    async remove(key) {
      await client.send(new DeleteObjectCommand(at(key)));
    },
    async *list(within = ''): AsyncGenerator<StoredFile> {
      let ContinuationToken: string | undefined;
      do {
        const page = await client.send(
          new ListObjectsV2Command({ Bucket: bucket, Prefix: prefix + within, ContinuationToken }),
        );
        for (const { Key, Size, LastModified } of page.Contents ?? [])
          if (Key !== undefined && LastModified !== undefined)
            yield { key: Key.slice(prefix.length), bytes: Size ?? 0, modified: LastModified };
        ContinuationToken = page.NextContinuationToken;
      } while (ContinuationToken !== undefined);
    },
    close: async () => client.destroy(),
  };
}

function remedyFor(error: unknown): string {
  const status = error instanceof S3ServiceException ? error.$metadata.httpStatusCode : undefined;
  if (status === 404) return 'the bucket does not exist; create it';
  if (status === 401 || status === 403)
    return 'access denied: these credentials need to list, read, write and delete objects';
  if (error instanceof Error && error.name === 'CredentialsProviderError')
    return 'no credentials found; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY';
  return error instanceof Error ? error.message || error.name : String(error);
}
