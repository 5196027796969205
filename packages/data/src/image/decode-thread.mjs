/** Entry of a decoder's thread: plain JavaScript, since a thread does not inherit the loader of TypeScript. */
import { register } from 'tsx/esm/api';

register();
await import('./decode-thread.ts');
