import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { expect, it } from 'vitest';
import { importNet, parsePrototxt, readCaffemodel } from '../../src/caffe/index.ts';
import { float32, type Model, type Tensor } from '../../src/graph/index.ts';
import { preprocess } from '../../src/image/index.ts';
import { decodeFile } from '../../src/image/pixels/decode.node.ts';
import { faceApiAgeGender, readTfjsWeights } from '../../src/models/index.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { runGraph } from '../run.ts';
import { describeShared, shared } from '../shared.ts';

const path = (name: string) =>
  createRequire(import.meta.url).resolve(`@vladmandic/face-api/model/age_gender_model${name}`);
const files = { manifest: 'manifest.json', weights: 'model.bin' };
const manifest = readFileSync(path('-weights_manifest.json'), 'utf8');
const bytes = readFileSync(path('.bin'));
const weights = readTfjsWeights(manifest, bytes, files);
const model = faceApiAgeGender(weights, { licence: 'MIT' });

/** The largest difference, relative to the largest value. */
function difference(a: ArrayLike<number | bigint>, b: ArrayLike<number | bigint>): number {
  const [x, y] = [Array.from(a, Number), Array.from(b, Number)];
  expect(x.length).toBe(y.length);
  return Math.max(...x.map((v, i) => Math.abs(v - y[i]))) / Math.max(...y.map(Math.abs));
}

describeShared('the converted Caffe network', () => {
  it('computes the same as the network built from the package', async () => {
    const [prototxt, caffemodel] = ['deploy.prototxt', 'caffemodel'].map((end) =>
      shared(`models/faceapi_age_gender${end === 'caffemodel' ? '.' : '_'}${end}`),
    ) as [string, string];
    const converted: Model = importNet(parsePrototxt(readFileSync(prototxt, 'utf8'), prototxt), prototxt, {
      weights: readCaffemodel(readFileSync(caffemodel), caffemodel),
    });
    const side = 112;
    const random = float32(
      [4, 3, side, side],
      Float32Array.from({ length: 4 * 3 * side * side }, (_, i) => Math.sin(i * 12.9898) * 0.5),
    );
    const photo = await decodeFile(shared('faces/astronaut.png'));
    const face = preprocess([photo], model.info.preprocessing!);
    // The converted network takes pixels minus the mean, in BGR: the division by 255 is in its weights.
    const asConverted = (t: Tensor<'float32'>) => {
      const plane = side * side;
      const at = (i: number) => i + (1 - (Math.floor(i / plane) % 3)) * 2 * plane;
      return float32(
        t.shape,
        t.data.map((_, i) => t.data[at(i)] * 255),
      );
    };
    for (const data of [random, face]) {
      const [ours, theirs] = [
        await runGraph(model.graph, { data }),
        await runGraph(converted.graph, { data: asConverted(data) }),
      ];
      for (const output of ['prob', 'fc_age']) {
        expect(difference(ours[output].data, theirs[output].data)).toBeLessThan(2e-6);
      }
    }
  });
});

it('says how its faces are cut out', () => {
  expect(model.info.faces).toEqual({ align: 'similarity', margin: 0 });
});

it('survives being written and read', () => {
  const again = readOnnx(writeOnnx(model).bytes, 'model.onnx');
  expect(again.info).toEqual(model.info);
  expect(again.graph.nodes.map((node) => node.name)).toEqual(model.graph.nodes.map((node) => node.name));
});

it('refuses damaged packages', () => {
  expect(() => readTfjsWeights(manifest, bytes.subarray(0, 1000), files)).toThrow(
    /^model\.bin: byte 1000: truncated/,
  );
  expect(() => readTfjsWeights(manifest, Buffer.concat([bytes, bytes]), files)).toThrow(/does not speak of/);
  expect(() => readTfjsWeights('{', bytes, files)).toThrow(/^manifest\.json: malformed JSON/);
  expect(() => readTfjsWeights('{"a": 1}', bytes, files)).toThrow(/no TensorFlow\.js weights manifest/);
  expect(() => readTfjsWeights('[{"weights": [{"name": 3}]}]', bytes, files)).toThrow(/no TensorFlow\.js/);
  expect(() => faceApiAgeGender(new Map([...weights].slice(1)))).toThrow(
    /weights 'entry_flow\/conv_in\/filters': they are missing/,
  );
  const wrong = new Map(weights).set('fc/age/bias', float32([2], [1, 2]));
  expect(() => faceApiAgeGender(wrong)).toThrow(/weights 'fc\/age\/bias': expected \[1\], got \[2\]/);
});
