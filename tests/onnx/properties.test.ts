import { create, toBinary } from '@bufbuild/protobuf';
import { describe, expect, it } from 'vitest';
import type { DataType } from '../../src/graph/index.ts';
import { ModelProtoSchema, StringStringEntryProtoSchema } from '../../src/onnx/generated/onnx_pb.ts';
import { readOnnx } from '../../src/onnx/index.ts';
import { noise, type OldNode, oldModel } from './support.ts';

/** A classifier of five classes with metadata properties, as others write it. */
function read(
  properties: Record<string, string>,
  shape: (number | string)[] = ['N', 3, 8, 8],
  type: DataType = 'float32',
) {
  const channels = Number(shape[1]);
  const isBytes = type === 'uint8';
  const nodes: OldNode[] = [
    ...(isBytes ? [{ op: 'Cast', inputs: ['x'], outputs: ['f'], attributes: { to: 1 } }] : []),
    { op: 'Conv', inputs: [isBytes ? 'f' : 'x', 'w'], outputs: ['c'] },
    { op: 'GlobalAveragePool', inputs: ['c'], outputs: ['p'] },
    { op: 'Flatten', inputs: ['p'], outputs: ['y'] },
  ];
  const proto = oldModel({
    opset: 13,
    inputs: { x: shape },
    types: { x: type },
    nodes,
    weights: { w: noise([5, Number.isNaN(channels) ? 3 : channels, 3, 3]) },
  });
  proto.metadataProps = Object.entries(properties).map(([key, value]) =>
    create(StringStringEntryProtoSchema, { key, value }),
  );
  return readOnnx(toBinary(ModelProtoSchema, proto), 'm.onnx').info;
}

const resize = { height: 8, width: 8, mode: 'stretch' };

describe('ONNX’s properties of images', () => {
  it.each([
    ['Rgb8', 'NominalRange_0_255', { channels: 'rgb' }],
    ['Bgr8', 'Normalized_0_1', { channels: 'bgr', scale: 1 / 255 }],
    ['Bgra8', 'Normalized_1_1', { channels: 'bgr', mean: [127.5, 127.5, 127.5], scale: 1 / 127.5 }],
  ])('%s, %s', (format, range, expected) => {
    const properties = { 'Image.BitmapPixelFormat': format, 'Image.NominalPixelRange': range };
    expect(read({ ...properties, 'Image.ColorSpaceGamma': 'SRGB' }).preprocessing).toEqual({
      resize,
      ...expected,
    });
  });

  it('of one channel are gray', () => {
    const properties = { 'Image.BitmapPixelFormat': 'Gray8', 'Image.NominalPixelRange': 'Normalized_0_1' };
    const { preprocessing } = read(properties, ['N', 1, 8, 8]);
    expect(preprocessing).toEqual({ resize, channels: 'gray', scale: 1 / 255 });
  });

  it('say the order of what a front takes as bytes', () => {
    const { preprocessing } = read({ 'Image.BitmapPixelFormat': 'Bgr8' }, ['N', 3, 8, 8], 'uint8');
    expect(preprocessing).toEqual({ resize, channels: 'bgr' });
  });

  it.each([
    [{ 'Image.ColorSpaceGamma': 'Linear' }, 'linear light'],
    [{ 'Image.NominalPixelRange': 'NominalRange_16_235' }, 'from 16 to 235'],
  ])('that ask for other pixels are noted: %j', (properties, what) => {
    const info = read({ 'Image.BitmapPixelFormat': 'Rgb8', ...properties });
    expect(info.preprocessing).toBeUndefined();
    expect(info.provenance['not prepared']).toContain(what);
  });

  it('say nothing where they are absent or the input is no picture', () => {
    expect(read({ author: 'somebody' }).preprocessing).toBeUndefined();
    expect(read({ 'Image.BitmapPixelFormat': 'Rgb8' }, ['N', 6, 8, 8]).preprocessing).toBeUndefined();
  });
});

describe('classifiers of Ultralytics', () => {
  const names = `{0: 'tench', 1: "Bewick's swan", 2: 'it\\'s', 3: 'a, b: {c}', 4: ''}`;
  const properties = { task: 'classify', names, imgsz: '[8, 8]', stride: '1', author: 'Ultralytics' };

  it('have labels, and photos as torchvision cuts them', () => {
    const { preprocessing, heads } = read(properties);
    expect(heads[0].labels).toEqual(['tench', "Bewick's swan", "it's", 'a, b: {c}', '']);
    expect(preprocessing).toEqual({
      resize: { height: 8, width: 8, mode: 'shorter-side', filter: 'bilinear' },
      crop: { height: 8, width: 8, rounding: 'even' },
      channels: 'rgb',
      scale: 1 / 255,
    });
    expect(read(properties, ['N', 3, 'H', 'W']).preprocessing).toEqual(preprocessing);
  });

  it('are left as they are where names or sizes do not fit', () => {
    expect(read({ ...properties, names: "{0: 'tench'}" }).heads[0].labels).toBeUndefined();
    expect(read({ ...properties, names: 'tench, swan' }).heads[0].labels).toBeUndefined();
    expect(read({ ...properties, imgsz: '[9, 9]' }).preprocessing).toBeUndefined();
    expect(read({ ...properties, task: 'detect' }).preprocessing).toBeUndefined();
  });
});
