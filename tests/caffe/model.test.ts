import { readFileSync } from 'node:fs';
import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import { LayerParameterSchema, NetParameterSchema } from '../../src/caffe/generated/caffe_pb.ts';
import { type CaffeSources, importCaffe, writeMean } from '../../src/caffe/index.ts';
import { float32, type Model } from '../../src/graph/index.ts';
import { readOnnx, writeOnnx } from '../../src/onnx/index.ts';
import { caffeModel } from '../reference-data.ts';
import { runGraph } from '../run.ts';
import { describeShared, shared } from '../shared.ts';

const definition = (channels = 3, outputs = 2) => `name: "n" input: "data"
  input_shape { dim: [1, ${channels}, 8, 8] }
  layer { name: "f" type: "InnerProduct" bottom: "data" top: "f" inner_product_param { num_output: ${outputs} } }
  layer { name: "age" type: "InnerProduct" bottom: "data" top: "age" inner_product_param { num_output: 1 } }
  layer { name: "p" type: "Softmax" bottom: "f" top: "p" }`;

const load = (options: Partial<CaffeSources> = {}, text = definition()): Model =>
  importCaffe({ prototxt: { name: 'net.prototxt', content: text }, converter: 'limn 1.2.3', ...options });

const meanImage = (channels: number, height: number, width: number) => ({
  name: 'mean.binaryproto',
  content: writeMean(float32([channels, height, width], new Float32Array(channels * height * width))),
});

describe('preprocessing', () => {
  const of = (options: Partial<CaffeSources>, text?: string) => load(options, text).info.preprocessing;
  const square = (n: number) => ({ height: n, width: n });
  const stretch = (n: number) => ({ ...square(n), mode: 'stretch' });

  it('stretches to the input, or further where something is cut out', () => {
    expect(of({})).toEqual({ resize: stretch(8), channels: 'bgr' });
    expect(of({ crop: 8 })).toEqual({ resize: stretch(256), crop: square(8), channels: 'bgr' });
    expect(of({ resize: 10 })).toEqual({ resize: stretch(10), crop: square(8), channels: 'bgr' });
    expect(of({ resize: { height: 8, width: 12 }, channels: 'rgb' })).toEqual({
      resize: { height: 8, width: 12, mode: 'stretch' },
      crop: square(8),
      channels: 'rgb',
    });
    expect(of({}, definition(1))).toEqual({ resize: stretch(8), channels: 'gray' });
  });

  it('has the mean, an image at its own size', () => {
    expect(of({ mean: [1, 2, 3] })?.mean).toEqual([1, 2, 3]);
    expect(of({ mean: [5] })?.mean).toEqual([5, 5, 5]);
    const image = of({ mean: meanImage(3, 10, 11), crop: 8 });
    expect(image?.resize).toEqual({ height: 10, width: 11, mode: 'stretch' });
    expect(image?.mean).toMatchObject({ shape: [3, 10, 11] });
    expect(of({ mean: meanImage(3, 8, 8), resize: 10 })).toMatchObject({
      resize: stretch(10),
      crop: square(8),
    });
  });

  const data = `layer { name: "d" type: "Data" top: "data" top: "label"
    transform_param { crop_size: 8 mean_value: [1, 2, 3] scale: 0.5 } }
    layer { name: "f" type: "InnerProduct" bottom: "data" top: "f" inner_product_param { num_output: 2 } }`;
  it("takes the network's own mean values and scale where none are given", () => {
    expect(of({}, data)).toEqual({ resize: stretch(8), channels: 'bgr', mean: [1, 2, 3], scale: 0.5 });
    expect(of({ mean: [0], scale: 2 }, data)).toMatchObject({ mean: [0, 0, 0], scale: 2 });
  });

  describe('tells that no mean is known', () => {
    const notes = (options: Partial<CaffeSources>, text = definition()) => {
      const told: string[] = [];
      load({ caffemodel: weightsFor(text), ...options, tell: (note) => told.push(note) }, text);
      return told;
    };
    /** The weights of `definition` and `data`: zeros, which nobody asks about. */
    const weightsFor = (text: string) => {
      const outputs = [...text.matchAll(/name: "(\w+)" type: "InnerProduct".*?num_output: (\d+)/g)];
      const inputs = (/dim: \[1, 1,/.test(text) ? 1 : 3) * 64;
      const layer = outputs.map(([, name, count]) =>
        create(LayerParameterSchema, {
          name,
          type: 'InnerProduct',
          blobs: [[Number(count), inputs], [Number(count)]].map((dim) => ({
            shape: { dim: dim.map(BigInt) },
            data: new Uint8Array(4 * dim.reduce((a, b) => a * b)),
          })),
        }),
      );
      const content = toBinary(NetParameterSchema, create(NetParameterSchema, { layer }));
      return { name: 'weights.caffemodel', content };
    };

    it('where neither files nor the caller name one', () => {
      const [note, ...more] = notes({});
      expect(more).toEqual([]);
      expect(note).toMatch(
        /^nothing says which mean is subtracted: BGR from 0 to 255 .* with a mean: give its file/,
      );
      expect(notes({ channels: 'rgb' })[0]).toContain(': RGB from 0 to 255');
      expect(notes({}, definition(1))[0]).toContain(': gray from 0 to 255');
    });

    it('with the file that the definition names', () => {
      const named = data.replace('mean_value: [1, 2, 3] scale: 0.5', 'mean_file: "data/mean.binaryproto"');
      expect(notes({}, named)[0]).toContain("a mean (the definition names 'data/mean.binaryproto'): give");
    });

    it('but not where values are said, nor of a definition alone', () => {
      for (const options of [{ mean: [0] }, { mean: meanImage(3, 8, 8) }, { scale: 1 / 255 }])
        expect(notes(options)).toEqual([]);
      expect(notes({}, data)).toEqual([]);
      expect(notes({ caffemodel: undefined })).toEqual([]);
    });
  });

  it('gives the input its size from the crop where the network has none', () => {
    const open = data.replace('crop_size: 8', '');
    expect(load({ crop: { height: 5, width: 6 } }, open).graph.inputs[0].shape).toEqual(['N', 3, 5, 6]);
  });

  it('is absent for inputs that are no photos', () => {
    expect(of({}, definition(15))).toBeUndefined();
    expect(() => of({ mean: [1] }, definition(15))).toThrow(
      'mean: net.prototxt takes [N,15,8,8], not photos of 3 channels or 1; leave it out',
    );
  });

  it.each([
    [{ crop: 9 }, 'crop: 9×9, the network takes 8×8'],
    [{ resize: 7 }, 'resize: 7×7 is less than the crop, 8×8'],
    [{ mean: [1, 2] }, 'mean: 2 numbers for 3 channels'],
    [{ mean: meanImage(1, 8, 8) }, 'mean.binaryproto: a mean image of [1,8,8] for an input of 3 channels'],
    [
      { mean: meanImage(3, 9, 9), resize: 10 },
      'mean.binaryproto: the mean image is 9×9, but photos are resized to 10×10',
    ],
    [{ channels: 'gray' as const }, 'channels: gray for an input of 3 channels'],
  ])('errors: %o', (options, message) => {
    expect(() => of(options)).toThrow(message);
  });
});

describe('heads, labels and provenance', () => {
  const labels = { name: 'labels.txt', content: 'woman\nman\n' };

  it('labels go to the classes that they fit', () => {
    const { heads } = load({ labels, names: { p: 'gender' } }).info;
    expect(heads).toEqual([
      { name: 'gender', output: 'p', kind: 'classes', labels: ['woman', 'man'] },
      { name: 'age', output: 'age', kind: 'number' },
    ]);
  });

  it('a single head is the class', () => {
    const text = definition().replace(/.*"age".*\n/, '');
    expect(load({ labels: ['a', 'b'] }, text).info.heads).toEqual([
      { name: 'class', output: 'p', kind: 'classes', labels: ['a', 'b'] },
    ]);
  });

  it('errors', () => {
    expect(() => load({ labels }, definition(3, 4))).toThrow(
      'labels.txt: 2 labels fit no head; the network has classes p: 4',
    );
    expect(() => load({ names: { q: 'x' } })).toThrow(
      "net.prototxt: the network has no output 'q' to name; it has p, age",
    );
  });

  it('files with their hashes', () => {
    const prototxt = { name: 'net.prototxt', content: definition(), sha256: 'abc' };
    expect(load({ prototxt, labels, mean: [1] }).info.provenance).toEqual({
      converter: 'limn 1.2.3',
      prototxt: 'net.prototxt',
      'prototxt.sha256': 'abc',
      labels: 'labels.txt',
    });
  });

  it('all of it survives an ONNX file', () => {
    const model = load({ labels, mean: meanImage(3, 10, 10) });
    const again = readOnnx(writeOnnx(model).bytes, 'model.onnx');
    expect(again.info).toEqual(model.info);
  });
});

describeShared('real models', () => {
  const file = (name: string) => ({ name, content: readFileSync(shared(`models/${name}`)) });
  const text = (name: string) => ({ name, content: readFileSync(shared(`models/${name}`), 'utf8') });

  it('GoogLeNet with its mean and labels', () => {
    const { info } = importCaffe({
      prototxt: text('bvlc_googlenet_deploy.prototxt'),
      caffemodel: file('bvlc_googlenet.caffemodel'),
      mean: file('imagenet_mean.binaryproto'),
      labels: text('synset_words.txt'),
      converter: 'limn test',
    });
    expect(info.preprocessing).toMatchObject({
      resize: { height: 256, width: 256, mode: 'stretch' },
      crop: { height: 224, width: 224 },
      channels: 'bgr',
      mean: { shape: [3, 256, 256] },
    });
    expect(info.heads).toMatchObject([{ name: 'class', output: 'prob', kind: 'classes' }]);
    expect(info.heads[0].labels?.[282]).toBe('tiger cat');
  });

  const nets: [string, string, string[]][] = [
    ['mtcnn_det1.prototxt', 'mtcnn_det1.caffemodel', ['prob1', 'conv4-2']],
    ['mtcnn_det2.prototxt', 'mtcnn_det2.caffemodel', ['prob1', 'conv5-2']],
    ['mtcnn_det3.prototxt', 'mtcnn_det3.caffemodel', ['prob1', 'conv6-3', 'conv6-2']],
    ['mtcnn_det4.prototxt', 'mtcnn_det4.caffemodel', ['fc5_5', 'fc5_4', 'fc5_3', 'fc5_2', 'fc5_1']],
    ['faceapi_age_gender_deploy.prototxt', 'faceapi_age_gender.caffemodel', ['prob', 'fc_age']],
  ];
  it.each(nets)('%s runs on noise', async (prototxt, caffemodel, outputs) => {
    const { graph, info } = caffeModel(shared(`models/${prototxt}`), shared(`models/${caffemodel}`));
    expect(info.heads.map((head) => head.output)).toEqual(outputs);
    const [input] = graph.inputs;
    const shape = [2, ...input.shape.slice(1).map(Number)];
    const length = shape.reduce((a, b) => a * b, 1);
    const noise = Float32Array.from({ length }, (_, i) => ((i * 7919) % 256) / 128 - 1);
    const results = await runGraph(graph, { [input.name]: float32(shape, noise) });
    for (const { output, kind } of info.heads) {
      const { data } = results[output];
      const values = Array.from(data as Float32Array);
      expect(values.every(Number.isFinite), output).toBe(true);
      if (output.startsWith('prob')) {
        // Two images, two classes each.
        expect(values).toHaveLength(4);
        expect(values[0] + values[1]).toBeCloseTo(1, 5);
        expect(values[2] + values[3]).toBeCloseTo(1, 5);
      }
      if (kind === 'number') expect(values.every((age) => age > 0 && age < 120)).toBe(true);
    }
  });
});
