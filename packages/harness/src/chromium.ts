/** Chromium, as tests, benches and pictures of pages use it. */
import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const PATHS = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome', '/snap/bin/chromium'];

const executable = (): string | undefined => process.env.CHROMIUM_PATH ?? PATHS.find((path) => existsSync(path));

/** Why there is no browser; false if Chromium is installed. */
export const noChromium = (): string | false => {
  const path = executable();
  if (path === undefined) return 'no Chromium: install the package `chromium`, or set CHROMIUM_PATH';
  return !existsSync(path) && `no Chromium at ${path}: correct CHROMIUM_PATH`;
};

/** Chromium's sandbox refuses to start for root. */
export const launchChromium = (): Promise<Browser> =>
  chromium.launch({ executablePath: executable(), chromiumSandbox: process.getuid?.() !== 0 });
