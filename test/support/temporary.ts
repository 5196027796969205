export { temporaryFolder } from '@ablate/harness/temporary';
