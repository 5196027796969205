/** A process that beats; with `block` in its environment, its event loop stops for good after a second. */
import { sendBeats } from '@ablate/supervisor/beat';

process.on('disconnect', () => process.exit());
sendBeats();
if (process.env.BLOCK) setTimeout(() => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0), 1_000);
