/** Entry of a contact sheet's thread: plain JavaScript, since a thread does not inherit the loader of TypeScript. */
import { register } from 'tsx/esm/api';

register();
await import('./answer.ts');
