import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { bundled } from '../runtime/bundle.ts';

/** Chromium's software GPU, which also serves Node. */
const folder = '/usr/lib/chromium';
const driver = `${folder}/vk_swiftshader_icd.json`;
const present = existsSync(driver);
if (!present) console.warn(`no software GPU (${driver}): the WebGPU test in Node is skipped`);

const script = fileURLToPath(bundled('tests/conformance/webgpu.ts'));

it.skipIf(!present)(
  'agrees on WebGPU in Node, computed in software',
  async () => {
    const reference = fileURLToPath(new URL('../fixtures/reference/', import.meta.url));
    const env = { ...process.env, VK_ICD_FILENAMES: driver, LD_LIBRARY_PATH: folder };
    const args = [script, reference, 'tiny_googlenet', 'iccv2017'];
    const { stdout } = await promisify(execFile)(process.execPath, args, { env });
    const { apart, error } = JSON.parse(stdout);
    expect(error).toBeUndefined();
    expect(Object.keys(apart).sort()).toEqual(['iccv2017', 'prob', 'scores']);
    for (const [name, difference] of Object.entries(apart)) expect(difference, name).toBeLessThan(1e-4);
  },
  600_000,
);
