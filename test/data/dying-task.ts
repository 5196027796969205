/** A batch task for `loader.test.ts` whose thread ends without a word. */
export default async function dyingTask(): Promise<void> {
  process.exit(3);
}
