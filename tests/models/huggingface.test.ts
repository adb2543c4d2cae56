import { describe, expect, it } from 'vitest';
import { preprocessingFor } from '../../src/graph/index.ts';
import { preprocess } from '../../src/image/index.ts';
import { readHuggingFace } from '../../src/models/index.ts';
import { generatedNoise } from '../image/generated.ts';
import recorded from './fixtures/processors.json' with { type: 'json' };

const config = { name: 'config.json', content: '{}' };
const read = (processor: object, settings: object = {}) =>
  readHuggingFace({
    config: { ...config, content: JSON.stringify(settings) },
    processor: { name: 'preprocessor_config.json', content: JSON.stringify(processor) },
  });

/** What a network that takes such inputs is given. */
const prepared = ({ fields, input }: ReturnType<typeof read>) => {
  const info = { name: 'x', type: 'float32' as const, shape: ['N', ...input.map((n) => n ?? 'size')] };
  const how = preprocessingFor(info, fields, { name: 'net', order: 'rgb' });
  return preprocess([generatedNoise(37, 53)], how!);
};

describe('photos are prepared as transformers 5.18 prepares them (its Pillow backend)', () => {
  // Each with sixteen values of the result, the mean of all, and that of their sizes.
  it.each(Object.entries(recorded))('%s', (_, { config: processor, shape, samples, mean, magnitude }) => {
    const { shape: own, data } = prepared(read(processor));
    expect(own).toEqual([1, ...shape]);
    const step = Math.max(1, Math.floor(data.length / 16));
    const taken = samples.map((_, i) => data[(step >> 1) + i * step]);
    for (const [i, value] of taken.entries()) expect(value).toBeCloseTo(samples[i], 4);
    const average = (f: (v: number) => number) => data.reduce((sum, v) => sum + f(v), 0) / data.length;
    expect(average((v) => v)).toBeCloseTo(mean, 4);
    expect(average(Math.abs)).toBeCloseTo(magnitude, 4);
  });
});

describe('what a folder says', () => {
  const processor = { size: 24, image_mean: [0.5, 0.5, 0.5], image_std: [0.5, 0.5, 0.5] };

  it('reads files of old: sizes in one number, flags that are absent', () => {
    const square = read({ ...processor, feature_extractor_type: 'ViTFeatureExtractor' }).fields;
    expect(square).toMatchObject({
      resize: { height: 24, width: 24 },
      resizeMode: 'stretch',
      mean: [127.5, 127.5, 127.5],
    });
    expect(square.crop).toBeUndefined();
    const shorter = read({
      ...processor,
      crop_size: 20,
      feature_extractor_type: 'CLIPFeatureExtractor',
    }).fields;
    expect(shorter).toMatchObject({ resizeMode: 'shorter-side', crop: { height: 20, width: 20 } });
  });

  it('takes labels in the order of their numbers, and none that say nothing', () => {
    const labels = (id2label: object) => read(processor, { id2label }).labels;
    expect(labels({ 10: 'k', 2: 'c', 0: 'a' })).toEqual(['a', 'c', 'k']);
    expect(labels({ 0: 'LABEL_0', 1: 'LABEL_1' })).toBeUndefined();
  });

  it('refuses what limn does not do, by file and field', () => {
    expect(() => read({ ...processor, size: { shortest_edge: 3, longest_edge: 9 } })).toThrow(
      /^preprocessor_config\.json, size: photos are resized between two bounds/,
    );
    expect(() => read({ ...processor, resample: 9 })).toThrow(/resample: expected a filter from 0 to 5/);
    expect(() => read({ ...processor, size: { height: 'a' } })).toThrow(/size, height: expected a number/);
    expect(() => readHuggingFace({ config: { ...config, content: '{' } })).toThrow(
      /^config\.json: malformed JSON/,
    );
  });

  it('knows timm’s networks', () => {
    const pretrained_cfg = {
      input_size: [3, 24, 24],
      crop_pct: 0.875,
      crop_mode: 'center',
      interpolation: 'bicubic',
      mean: [0.485, 0.456, 0.406],
      std: [0.229, 0.224, 0.225],
    };
    const given = { pretrained_cfg, label_names: ['n1', 'n2'], label_descriptions: { n1: 'cat' } };
    const described = readHuggingFace({ config: { ...config, content: JSON.stringify(given) } });
    expect(described.labels).toEqual(['cat', 'n2']);
    expect(described.fields).toMatchObject({
      resize: { height: 27, width: 27 },
      resizeMode: 'shorter-side',
      resizeFilter: 'bicubic',
      mean: [123.675, 116.28, 103.53],
      std: [58.395, 57.12, 57.375],
    });
    // BiT's processor does the same with these numbers, but for crops whose middle lies between two pixels.
    const { cropRounding, ...fields } = described.fields;
    expect(cropRounding).toBe('even');
    expect(prepared({ ...described, fields })).toEqual(prepared(read(recorded.bit.config)));
    const border = { ...given, pretrained_cfg: { ...pretrained_cfg, crop_mode: 'border' } };
    expect(() => readHuggingFace({ config: { ...config, content: JSON.stringify(border) } })).toThrow(
      /crop_mode/,
    );
  });
});
