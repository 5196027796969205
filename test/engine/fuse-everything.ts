/** Imported before the engine: small tensors are fused as large ones are. */
process.env.ABLATE_XLA = 'on';
