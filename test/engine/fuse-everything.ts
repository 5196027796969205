/** Import this before the engine: it fuses small tensors like large ones. */
process.env.ABLATE_XLA = 'on';
