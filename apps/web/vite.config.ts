/** Build of the pages: static files, hashed and precompressed, that the API serves at `/`. `npm run dev:web` serves their sources. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin, type ProxyOptions } from 'vite';

const COMPRESSED = /\.(js|css|html|svg)$/;

/** Writes `.br` and `.gz` beside each text file, once, at build time. */
function precompress(): Plugin {
  let folder = '';
  return {
    name: 'precompress',
    apply: 'build',
    configResolved: ({ root, build }) => {
      folder = join(root, build.outDir);
    },
    closeBundle: () => {
      for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((n) => COMPRESSED.test(n))) {
        const file = join(folder, name);
        const bytes = readFileSync(file);
        writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
        writeFileSync(`${file}.br`, brotliCompressSync(bytes));
      }
    },
  };
}

const DEFAULT_API = 'http://127.0.0.1:3000';

/**
 * The service beside which the development server serves the pages. The API refuses requests from pages of other origins: those of our own
 * pages get its origin. The origin of any other page stays as it is, so that the API refuses it here too.
 */
function service(address: string): ProxyOptions {
  if (!URL.canParse(address)) throw new Error(`ABLATE_API_URL must be an address such as ${DEFAULT_API}`);
  const { origin: target } = new URL(address);
  return {
    target,
    changeOrigin: true,
    configure: (proxy) =>
      void proxy.on('proxyReq', (sent, { headers: { origin, host } }) => {
        if (origin === `http://${host}`) sent.setHeader('origin', target);
      }),
  };
}

const proxied = service(process.env.ABLATE_API_URL ?? DEFAULT_API);

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react(), precompress()],
  build: { outDir: 'dist', assetsInlineLimit: 0, reportCompressedSize: false, target: 'es2023' },
  server: { proxy: { '/api': proxied, '/docs': proxied, '/queues': proxied } },
});
