import { readFileSync } from 'node:fs';
import type { Page } from 'playwright-core';

/* What tests of the page do as people do. */

/** Waits until nothing is being computed. */
export const settled = (page: Page) =>
  page.waitForFunction(() => !document.querySelector('[aria-busy="true"], .status button'));

/** What a button has the browser save. */
export async function savedBy(page: Page, button: string): Promise<Buffer> {
  const download = page.waitForEvent('download');
  await page.getByRole('button', { name: button, exact: true }).click();
  return readFileSync(await (await download).path());
}
