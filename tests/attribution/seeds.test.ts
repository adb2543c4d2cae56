/** How much of a map is chance, by default: maps of two seeds are of the same network and photo, and should look so. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { type ExplainerOptions, explainer } from '../../src/attribution/index.ts';
import { pearson } from '../../src/faithfulness/index.ts';
import { heatmaps, preprocess } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { faceApiAgeGender, readTfjsWeights } from '../../src/models/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';

const path = (name: string) =>
  createRequire(import.meta.url).resolve(`@vladmandic/face-api/model/age_gender_model${name}`);
const weights = readTfjsWeights(
  readFileSync(path('-weights_manifest.json'), 'utf8'),
  readFileSync(path('.bin')),
  { manifest: 'manifest.json', weights: 'model.bin' },
);
const model = faceApiAgeGender(weights, { licence: 'MIT' });
const input = preprocess([await decodeFile('demo/astronaut-face.png')], model.info.preprocessing!);

async function mapOf(options: ExplainerOptions): Promise<Float64Array> {
  const made = explainer(model, nodeRuntime, {
    head: 'gender',
    session: { threads: 1 },
    batch: 8,
    ...options,
  });
  const { relevance } = await made.explain(input).finally(() => made.release());
  return Float64Array.from(heatmaps(relevance)[0].data);
}

// Correlations that docs/how-to/choose-a-method.md reports, less what another processor may make of them.
it.each([
  ['smoothgrad', 0.85],
  ['gradient-shap', 0.9],
  ['rise', 0.85],
  ['kernel-shap', 0.9],
] as const)('%s looks the same by another seed, where nothing is said', async (method, least) => {
  const [one, other] = [await mapOf({ method, seed: 1 }), await mapOf({ method, seed: 2 })];
  expect(one).not.toEqual(other);
  expect(pearson(one, other)).toBeGreaterThan(least);
});

it('integrates as finely as four times the steps would', async () => {
  const method = 'integrated-gradients';
  const [usual, fine] = [await mapOf({ method }), await mapOf({ method, steps: 200 })];
  expect(pearson(usual, fine)).toBeGreaterThan(0.95);
});
