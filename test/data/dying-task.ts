/** A batch task for `loader.test.ts` whose thread exits without a message. */
export default async function dyingTask(): Promise<void> {
  process.exit(3);
}
