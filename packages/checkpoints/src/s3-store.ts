/** An S3-compatible bucket. Address, region and credentials come from the environment, in AWS's own names. */
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  NoSuchKey,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import type { CheckpointStore, StoredFile } from './store.ts';

export type S3Options = {
  bucket: string;
  /** Before every key, with the slash at its end; empty is the whole bucket. */
  prefix: string;
  /** Of a server that is not AWS: http://127.0.0.1:7070. */
  endpoint?: string;
  region: string;
};

export function openS3Store({ bucket, prefix, endpoint, region }: S3Options): CheckpointStore {
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint, forcePathStyle: true }),
    maxAttempts: 5,
  });
  const at = (key: string) => ({ Bucket: bucket, Key: prefix + key });

  return {
    address: `s3://${bucket}/${prefix}`,
    folder: null,
    // One request, since a checkpoint has less than 5 GiB: the object is there whole, or not at all. The server checks the hash.
    async put(key, path, { bytes, sha256 }) {
      const ChecksumSHA256 = Buffer.from(sha256, 'hex').toString('base64');
      // Opened here: a stream that cannot open its file would throw where nobody listens.
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
