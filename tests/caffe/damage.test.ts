import { create, toBinary } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  asInputLayer,
  BlobProtoSchema,
  caffeLayers,
  exportNet,
  filterNet,
  importNet,
  parsePrototxt,
  parseSolver,
  readCaffemodel,
  readMean,
  upgradeNet,
  writeCaffemodel,
} from '../../src/caffe/index.ts';
import { LimnError } from '../../src/common/error.ts';
import { float32 } from '../../src/graph/tensor.ts';

const definition = `name: "net" # a comment
input: 'data' input_shape { dim: [1, 3, 8, 8] }
layer { name: "conv\\303\\251" type: "Convolution" bottom: "data" top: "c" param { lr_mult: 1e-3 }
  include: { phase: TEST not_stage: "s" } convolution_param { num_output: 0x2; kernel_size: 3, pad: 1 } }
layer < name: "r" type: "ReLU" bottom: "c" top: "c" relu_param { negative_slope: -.5f engine: CAFFE } >
layer { name: "s" type: "Scale" bottom: "c" top: "s" scale_param { bias_term: true } loss_weight: inf }
layer { name: "t" type: "Softmax" bottom: "c" top: "t" }
`;
const old = `layers { name: "c" type: CONVOLUTION top: "c" blobs_lr: 1 blobs_lr: 2 convolution_param { num_output: 4 } }
layers { name: "d" type: DATA top: "d" data_param { source: "a" backend: LMDB crop_size: 7 } }`;

const weights = writeCaffemodel(
  parsePrototxt(definition, 'net'),
  new Map([
    ['convé', { type: 'Convolution', blobs: [float32([1, 1, 2, 2], [1, 2, 3, 4]), float32([1], [5])] }],
    ['s', { type: 'Scale', blobs: [float32([3], [1, 2, 3])] }],
  ]),
);
const mean = toBinary(
  BlobProtoSchema,
  create(BlobProtoSchema, { num: 1, channels: 3, height: 2, width: 1, data: new Uint8Array(24) }),
);

/** A whole network that can be imported, with a layer of most kinds. */
const network = `name: "net"
input: "data" input_shape { dim: [1, 3, 8, 8] }
layer { name: "c" type: "Convolution" bottom: "data" top: "c" convolution_param { num_output: 4 kernel_size: 3 pad: 1 } }
layer { name: "b" type: "BatchNorm" bottom: "c" top: "c" batch_norm_param { eps: 0.1 } }
layer { name: "s" type: "Scale" bottom: "c" top: "c" scale_param { axis: 1 bias_term: true } }
layer { name: "r" type: "PReLU" bottom: "c" top: "c" }
layer { name: "p" type: "Pooling" bottom: "c" top: "p" pooling_param { pool: AVE kernel_size: 3 stride: 2 } }
layer { name: "n" type: "LRN" bottom: "p" top: "n" lrn_param { local_size: 3 norm_region: WITHIN_CHANNEL } }
layer { name: "l" type: "Slice" bottom: "n" top: "l1" top: "l2" slice_param { axis: 1 slice_point: 2 } }
layer { name: "e" type: "Eltwise" bottom: "l1" bottom: "l2" top: "e" eltwise_param { operation: SUM coeff: [1, -1] } }
layer { name: "t" type: "Concat" bottom: "e" bottom: "n" top: "t" }
layer { name: "h" type: "Reshape" bottom: "t" top: "h" reshape_param { shape { dim: [0, -1, 2] } axis: 0 } }
layer { name: "f" type: "InnerProduct" bottom: "h" top: "f" inner_product_param { num_output: 5 } }
layer { name: "q" type: "Softmax" bottom: "f" top: "q" softmax_param { axis: 1 } }
`;

/** Files with some of their elements cut off, replaced, removed, repeated or taken from elsewhere. */
function damaged<T>(sources: readonly (readonly T[])[], element: fc.Arbitrary<T>): fc.Arbitrary<T[]> {
  const edit = fc.record({
    kind: fc.constantFrom('truncate', 'replace', 'remove', 'splice'),
    at: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
    length: fc.nat(20),
    element,
    from: fc.nat(1000),
  });
  return fc
    .tuple(fc.constantFrom(...sources), fc.array(edit, { minLength: 1, maxLength: 4 }))
    .map(([source, edits]) =>
      edits.reduce(
        (content, { kind, at, length, element, from }) => {
          const index = Math.floor(at * content.length);
          if (kind === 'truncate') return content.slice(0, index);
          if (kind === 'replace') return content.toSpliced(index, 1, element);
          if (kind === 'remove') return content.toSpliced(index, length);
          const start = from % source.length;
          return content.toSpliced(index, 0, ...source.slice(start, start + length));
        },
        [...source],
      ),
    );
}

/** Runs a reader; anything it throws must be an error for the user, on one line, that names the file. */
function survives(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    expect(error).toBeInstanceOf(LimnError);
    expect((error as LimnError).message).toMatch(/^file[: ].*$/);
    expect((error as LimnError).message).not.toContain('\n');
  }
}

const runs = { numRuns: 2000 };

describe('damaged files either parse or give an error for the user', () => {
  const text = damaged(
    [[...definition], [...old]],
    fc.oneof(
      fc.constantFrom(...'{}<>[]:,;-"\'\\#.\n0x'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    ),
  );
  it('prototxt', () => {
    fc.assert(
      fc.property(text, (content) =>
        survives(() => {
          const net = asInputLayer(upgradeNet(parsePrototxt(content.join(''), 'file'), 'file'), 'file');
          caffeLayers(filterNet(net, { phase: 'test' }, 'file'), 'file');
        }),
      ),
      runs,
    );
  });

  const nets = damaged(
    [[...network]],
    fc.oneof(fc.constantFrom(...'{}[]:,-"0123456789'), fc.constantFrom(...'abcdefgh lnpqrst')),
  );
  it('networks, which then also import and come back from an export', () => {
    let imported = 0;
    fc.assert(
      fc.property(nets, (content) =>
        survives(() => {
          const model = importNet(parsePrototxt(content.join(''), 'file'), 'file');
          imported++;
          const again = importNet(exportNet(model).net, 'file');
          expect(again.graph.nodes).toEqual(model.graph.nodes);
        }),
      ),
      runs,
    );
    expect(imported).toBeGreaterThan(20);
  });

  it('any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (content) => survives(() => parseSolver(content, 'file'))),
      runs,
    );
  });

  const bytes = damaged([[...weights], [...mean]], fc.oneof(fc.nat(255), fc.constantFrom(0, 127, 128, 255)));
  it('caffemodel', () => {
    fc.assert(
      fc.property(bytes, (content) => survives(() => readCaffemodel(Uint8Array.from(content), 'file'))),
      runs,
    );
  });

  it('binaryproto', () => {
    fc.assert(
      fc.property(bytes, (content) => survives(() => readMean(Uint8Array.from(content), 'file'))),
      runs,
    );
  });

  it('any bytes at all', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (content) => {
        survives(() => readCaffemodel(content, 'file'));
        survives(() => readMean(content, 'file'));
      }),
      runs,
    );
  });

  it('every truncation of a caffemodel within a layer is noticed', () => {
    const whole = readCaffemodel(weights, 'file').size;
    let parsed = 0;
    for (let length = 0; length < weights.length; length++) {
      try {
        expect(readCaffemodel(weights.slice(0, length), 'file').size).toBeLessThanOrEqual(whole);
        parsed++;
      } catch (error) {
        expect(error).toBeInstanceOf(LimnError);
      }
    }
    // Only cuts between two layers leave a valid file: after the first, second and third of four.
    expect(parsed).toBe(3);
  });
});

describe('large files', () => {
  it.each([
    ['one long string', `name: "${'a'.repeat(2_000_000)}"`],
    ['one long identifier', `${'a'.repeat(2_000_000)}: 1`],
    ['one long number', `input_dim: ${'9'.repeat(2_000_000)}`],
    ['many comments', '# x\n'.repeat(500_000)],
    ['many pieces of a string', `name: ${'"a" '.repeat(300_000)}`],
    ['many escapes', `name: "${'\\n'.repeat(500_000)}"`],
    ['deep nesting', 'layer { '.repeat(300_000)],
  ])('%s is read or refused without delay', (_, content) => {
    survives(() => parsePrototxt(content, 'file'));
  });
});
