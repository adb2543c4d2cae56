import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LimnError } from '../../src/common/error.ts';
import type { Graph, ModelInfo } from '../../src/graph/index.ts';
import { float32 } from '../../src/graph/tensor.ts';
import { readMetadata, readOnnx, writeMetadata, writeOnnx } from '../../src/onnx/index.ts';
import { noise, oldBytes } from './support.ts';

const graph: Graph = {
  name: 'g',
  inputs: [{ name: 'x', type: 'float32', shape: ['N', 3] }],
  outputs: [{ name: 'prob', type: 'float32', shape: ['N', 3] }],
  nodes: [{ name: 'prob', op: 'Softmax', inputs: ['x'], outputs: ['prob'], attributes: {} }],
  constants: new Map(),
};

const full: ModelInfo = {
  preprocessing: {
    resize: { height: 256, width: 256, mode: 'stretch' },
    crop: { height: 224, width: 224 },
    channels: 'bgr',
    mean: noise([3, 100, 101]),
    scale: 1 / 255,
    std: [0.1, 0.2, 0.3],
  },
  heads: [{ name: 'gender', output: 'prob', kind: 'classes', labels: ['männlich', '"w"', '…'] }],
  provenance: { source: 'a.caffemodel sha256:12', licence: 'MIT' },
  layers: [{ name: 'data', type: 'Data' }],
};

const size = fc.record({ height: fc.integer({ min: 1, max: 9 }), width: fc.integer({ min: 1, max: 9 }) });
const three = (item: fc.Arbitrary<number>) => fc.array(item, { minLength: 3, maxLength: 3 });
// JSON has no −0.
const number = fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0);
const infos: fc.Arbitrary<ModelInfo> = fc.record(
  {
    preprocessing: fc.record(
      {
        channels: fc.constantFrom('bgr' as const, 'rgb' as const),
        resize: size.map((s) => ({ ...s, mode: 'shorter-side' as const })),
        crop: size,
        mean: fc.oneof(
          three(number),
          fc.float32Array({ minLength: 6, maxLength: 6 }).map((data) => float32([3, 1, 2], data)),
        ),
        scale: number,
        std: three(number.filter((n) => n !== 0)),
      },
      { requiredKeys: ['channels'] },
    ),
    heads: fc.array(
      fc.record(
        {
          name: fc.string(),
          output: fc.constant('prob'),
          kind: fc.constantFrom('classes' as const, 'number' as const),
          labels: fc.array(fc.string({ unit: 'grapheme' })),
        },
        { requiredKeys: ['name', 'output', 'kind'] },
      ),
    ),
    provenance: fc.dictionary(fc.string(), fc.string(), { noNullPrototype: true }),
    layers: fc.array(fc.record({ name: fc.string(), type: fc.string() })),
  },
  { requiredKeys: ['heads', 'provenance'] },
);

describe('metadata', () => {
  it('travels in the file', () => {
    expect(readOnnx(writeOnnx({ graph, info: full }).bytes, 'm.onnx')).toEqual({ graph, info: full });
  });

  it('is read as it was written', () => {
    fc.assert(
      fc.property(infos, (info) => {
        expect(readMetadata(writeMetadata(info), ['prob'], 'm')).toEqual(info);
      }),
    );
  });

  it('is made up for files from elsewhere', () => {
    const bytes = oldBytes({ opset: 17, nodes: [{ op: 'Relu', inputs: ['x'], outputs: ['y'] }] });
    expect(readOnnx(bytes, 'm.onnx').info).toEqual({
      heads: [{ name: 'class', output: 'y', kind: 'classes' }],
      provenance: { producer: 'test', 'operator set': '17' },
    });
  });

  const edited = (key: string, value: string) => () =>
    readMetadata(new Map([...writeMetadata(full), [`limn.${key}`, value]]), ['prob'], 'm.onnx');

  it('is refused where it is damaged, by name', () => {
    const where = 'm.onnx: metadata limn.';
    expect(edited('version', '2')).toThrow("m.onnx: its metadata is of version '2'");
    expect(edited('heads', '[{')).toThrow(`${where}heads: malformed JSON`);
    expect(edited('heads', '{}')).toThrow(`${where}heads: expected a list`);
    expect(edited('heads', '[{"name":"a","output":"b","kind":"classes"}]')).toThrow(
      `${where}heads, item 0, output: expected an output of the graph`,
    );
    expect(edited('layers', '[{"name":1}]')).toThrow(`${where}layers, item 0, name: expected text`);
    expect(edited('provenance', '{"a":1}')).toThrow(`${where}provenance, a: expected text`);
    expect(edited('preprocessing', 'null')).toThrow(`${where}preprocessing: expected an object`);
    expect(edited('preprocessing', '{"channels":"cmyk"}')).toThrow(
      'channels: expected one of bgr, rgb, gray',
    );
    expect(edited('preprocessing', '{"channels":"bgr","mean":[1,2]}')).toThrow('mean: expected 3 numbers');
    expect(edited('preprocessing', '{"channels":"gray","std":[0]}')).toThrow(
      'std: expected numbers that are not 0',
    );
    expect(edited('preprocessing', '{"channels":"bgr","crop":{"height":0,"width":1}}')).toThrow(
      'crop, height: expected',
    );
    const mean = (text: string) => `{"channels":"gray","mean":{"shape":[1,1,1],"float32":"${text}"}}`;
    expect(edited('preprocessing', mean('AAA'))).toThrow('mean, float32: expected 1 floats in base64');
    expect(edited('preprocessing', mean('%'))).toThrow('mean, float32: expected 1 floats in base64');
  });

  it('of any other shape is read or refused', () => {
    const keys = fc.constantFrom('preprocessing', 'heads', 'provenance', 'layers', 'version');
    fc.assert(
      fc.property(keys, fc.oneof(fc.json(), fc.string()), (key, value) => {
        try {
          edited(key, value)();
        } catch (error) {
          expect(error).toBeInstanceOf(LimnError);
        }
      }),
    );
  });
});
