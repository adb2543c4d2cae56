import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Model } from '../../src/graph/index.ts';
import { cropImage, preprocess } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import {
  faceApiLandmarks,
  faceApiSsd,
  faceApiTinyDetector,
  readTfjsWeights,
} from '../../src/models/index.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { costs, infer } from '../../src/operators/index.ts';
import { runGraph } from '../run.ts';

/* Agreement with face-api's own code, whose results on the same pixels tests/fixtures/faces/record.mjs wrote down. */

type Rows = readonly (readonly number[])[];
type Found = readonly { readonly score: number; readonly box: readonly number[] }[];
interface Recorded {
  readonly windows: Readonly<Record<'ssd' | 'tiny' | 'landmarks', readonly [number, number, number]>>;
  readonly ssd: { readonly anchors: Rows; readonly found: Found };
  readonly tiny: { readonly found: Found };
  readonly landmarks: readonly number[];
  readonly landmarksTiny: readonly number[];
}

const file = (path: string) => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const recorded: Recorded = JSON.parse(readFileSync(file('tests/fixtures/faces/astronaut.json'), 'utf8'));
const portrait = await decodeFile(file('demo/astronaut.jpg'));

function weightsOf(name: string) {
  const at = (ending: string) =>
    createRequire(import.meta.url).resolve(`@vladmandic/face-api/model/${name}_model${ending}`);
  const files = { manifest: `${name}.json`, weights: `${name}.bin` };
  return readTfjsWeights(readFileSync(at('-weights_manifest.json'), 'utf8'), readFileSync(at('.bin')), files);
}

async function run(model: Model, window: keyof Recorded['windows']) {
  const [left, top, side] = recorded.windows[window];
  const square = cropImage(portrait, { left, top, width: side, height: side });
  return runGraph(model.graph, { data: preprocess([square], model.info.preprocessing!) });
}

describe('the SSD detector', () => {
  const weights = weightsOf('ssd_mobilenetv1');
  const model = faceApiSsd(weights);

  it("gives face-api's boxes and scores", async () => {
    const { boxes, scores } = await run(model, 'ssd');
    expect(boxes.shape).toEqual([1, 5118, 4]);
    expect(recorded.ssd.anchors.length).toBeGreaterThan(100);
    for (const [i, score, ...box] of recorded.ssd.anchors) {
      expect(Number(scores.data[i])).toBeCloseTo(score, 4);
      box.forEach((edge, k) => {
        expect(Number(boxes.data[4 * i + k])).toBeCloseTo(edge, 4);
      });
    }
  });

  it('refuses weights that are missing or of another shape', () => {
    const [first] = weights.keys();
    expect(() => faceApiSsd(new Map([...weights].slice(1)))).toThrow(
      `weights '${first}': they are missing; reinstall face-api`,
    );
    const anchors = weights.get('Output/extra_dim')!;
    const wrong = new Map(weights).set('Output/extra_dim', { ...anchors, shape: [5118, 4] });
    expect(() => faceApiSsd(wrong)).toThrow("weights 'Output/extra_dim': expected [1,5118,4], got [5118,4]");
  });
});

describe('the tiny detector', () => {
  it("gives face-api's best box", async () => {
    const model = faceApiTinyDetector(weightsOf('tiny_face_detector'));
    const { boxes, scores } = await run(model, 'tiny');
    const { score, box } = recorded.tiny.found[0];
    const [, , side] = recorded.windows.tiny;
    const all = Array.from(scores.data, Number);
    const best = all.indexOf(Math.max(...all));
    expect(all[best]).toBeCloseTo(score, 4);
    const [left, top, right, bottom] = Array.from(boxes.data.slice(4 * best, 4 * best + 4), Number);
    [left, top, right - left, bottom - top].forEach((value, k) => {
      expect(value * side).toBeCloseTo(box[k], 2);
    });
  });
});

describe.each([
  ['full', 'face_landmark_68', 'landmarks'],
  ['tiny', 'face_landmark_68_tiny', 'landmarksTiny'],
] as const)('the %s network of landmarks', (size, name, record) => {
  it("gives face-api's 68 points", async () => {
    const { landmarks } = await run(faceApiLandmarks(weightsOf(name), { size }), 'landmarks');
    expect(landmarks.shape).toEqual([1, 68, 2]);
    const [, , side] = recorded.windows.landmarks;
    recorded[record].forEach((value, i) => {
      expect(Number(landmarks.data[i]) * side).toBeCloseTo(value, 2);
    });
  });
});

it.each([
  ['ssd', () => faceApiSsd(weightsOf('ssd_mobilenetv1'))],
  ['tiny', () => faceApiTinyDetector(weightsOf('tiny_face_detector'))],
  ['landmarks', () => faceApiLandmarks(weightsOf('face_landmark_68'))],
])('%s survives being written and read, and its costs are known', (_, make) => {
  const model = make();
  const again = readOnnx(writeOnnx(model).bytes, 'model.onnx');
  expect(again.info).toEqual(model.info);
  expect(again.graph.nodes.map(({ name }) => name)).toEqual(model.graph.nodes.map(({ name }) => name));
  expect(costs(model.graph, infer(model.graph)).size).toBeGreaterThan(20);
});
