import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { promisify } from 'node:util';

/** Chromium's software GPU, which also serves Node. */
const folder = '/usr/lib/chromium';
const driver = `${folder}/vk_swiftshader_icd.json`;

/** Whether there is a software GPU; says so where there is none. */
export const softwareGpu = existsSync(driver);
if (!softwareGpu) console.warn(`no software GPU (${driver}): the WebGPU tests in Node are skipped`);

/** What a script prints as JSON, run in a process of its own that finds the software GPU. */
export async function runOnSoftwareGpu<T>(script: string, ...args: readonly string[]): Promise<T> {
  const env = { ...process.env, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: folder };
  const { stdout } = await promisify(execFile)(process.execPath, [script, ...args], { env });
  return JSON.parse(stdout);
}
