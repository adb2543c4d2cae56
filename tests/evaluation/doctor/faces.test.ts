import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { importCaffe } from '../../../src/caffe/index.ts';
import { nodeFiles } from '../../../src/common/files.node.ts';
import { openDataset, pictureOf } from '../../../src/data/index.ts';
import { diagnose, type LabelledPicture, stratified } from '../../../src/evaluation/doctor/index.ts';
import { readingOf } from '../../../src/evaluation/labels.ts';
import { survey } from '../../../src/evaluation/survey.ts';
import type { Head, Model, Preprocessing } from '../../../src/graph/index.ts';
import { decodeBytes } from '../../../src/image/pixels/decode.node.ts';
import { describeShared, shared } from '../../shared.ts';
import { conditions } from './task.ts';

describeShared('the face-api network on UTKFace', () => {
  /** In so many photos a gain of 20 points shows. */
  const n = 72;
  const head: Head = { name: 'gender', output: 'prob', kind: 'classes', labels: ['male', 'female'] };
  const right: Preprocessing = {
    resize: { height: 112, width: 112, mode: 'pad' },
    channels: 'bgr',
    mean: [104.298, 117.001, 122.782],
  };
  let model: Model;
  let sample: LabelledPicture[] = [];

  beforeAll(async () => {
    const path = (name: string) => shared(`models/faceapi_age_gender${name}`);
    model = importCaffe({
      prototxt: { name: 'deploy', content: readFileSync(path('_deploy.prototxt'), 'utf8') },
      caffemodel: { name: 'weights', content: readFileSync(path('.caffemodel')) },
      converter: 'test',
    });
    const dataset = await openDataset(shared('faces/utkface/manifest.csv'), nodeFiles);
    const { questions } = await survey(dataset, 'gender', readingOf(head, 2, { target: 'gender' }), () => {});
    const chosen = stratified(questions, n, 'classes', 1);
    const byIndex = new Map<number, LabelledPicture>();
    let index = 0;
    for await (const { name, content } of dataset.samples()) {
      const question = chosen.find((each) => each.index === index);
      const picture = async () => pictureOf(await content(), name, decodeBytes);
      if (question) byIndex.set(index, { name, truth: question.truth, picture });
      index++;
    }
    sample = chosen.map((each) => byIndex.get(each.index)!);
  });

  const examined = (how: Preprocessing, pictures = sample) =>
    diagnose(
      { graph: { ...model.graph, outputs: model.graph.outputs.filter(({ name }) => name === 'prob') }, how },
      { ...conditions(pictures), head },
      { poolingKnown: true },
    );

  it('has nothing found about it', async () => {
    const { value, findings } = await examined(right);
    expect(value).toBeGreaterThan(0.85);
    expect(findings).toEqual([]);
  });

  it('scaled to 0–1 though its weights are for 0–255: the scale', async () => {
    const { findings } = await examined({ ...right, scale: 1 / 255 });
    expect(findings.map(({ kind }) => kind)).toEqual(['scale']);
    expect(findings[0].after.how.scale ?? 1).toBe(1);
  });

  it('labelled the other way round: the labels', async () => {
    const { findings } = await examined(
      right,
      sample.map((each) => ({ ...each, truth: 1 - each.truth })),
    );
    expect(findings.map(({ kind }) => kind)).toEqual(['labels']);
    expect(findings[0].after.order).toEqual([1, 0]);
  });
});
