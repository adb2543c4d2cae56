import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'].find(
  (path) => path && existsSync(path),
);
if (!executablePath) {
  console.warn('chromium is not here (install it, or set CHROMIUM to its path): browser tests are skipped');
}

/** Whether there is a browser to test with. */
export const hasChromium = executablePath !== undefined;

/** Starts Chromium without a window, a network of its own, or (unless `args` say so) a GPU. */
export function launch(args: readonly string[] = ['--disable-gpu']): Promise<Browser> {
  const quiet = [
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ];
  return chromium.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: ['--headless', '--no-sandbox', '--disable-quic', ...quiet, ...args],
  });
}
