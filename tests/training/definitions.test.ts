import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { testStep, trainStep } from '../../src/training/step.ts';
import { describeShared, shared, sharedFiles } from '../shared.ts';
import { trainingNet } from './pass.ts';

const files = sharedFiles('adience/model_definitions').filter((path) =>
  /train_val[^/]*\.prototxt$/.test(path),
);
const definitions = [...new Set(files.map((path) => path.split('/').at(-2)!))];

describeShared('all 190 trainings of the paper become steps', () => {
  it('are there', () => expect([files.length, definitions.length]).toEqual([190, 38]));

  it.each(definitions)('%s', (name) => {
    const classes = name.startsWith('age') ? 8 : 2;
    const heads = /googlenet/.test(name) ? 3 : 1;
    for (const path of files.filter((file) => file.includes(`/${name}/`))) {
      const text = readFileSync(shared(path), 'utf8');
      const [train, test] = (['train', 'test'] as const).map((phase) => trainingNet(text, phase, path));
      for (const net of [train, test]) {
        expect(net.data, path).toHaveLength(1);
        expect(net.data[0].batchSize, path).toBeGreaterThan(0);
        expect(net.graph.inputs.slice(0, 2).map(({ shape }) => shape.length)).toEqual([4, 1]);
        expect(
          net.ranges.every((range) => range.classes === classes),
          path,
        ).toBe(true);
        expect(net.wholeBatch).toBe(false);
        const names = net.outputs.map((output) => output.name);
        expect(names, path).toEqual(names.toSorted());
      }
      const weights = train.losses.map(({ weight }) => Number(weight.toFixed(2)));
      expect(weights.sort(), path).toEqual(heads === 3 ? [0.3, 0.3, 1] : [1]);
      // VGG16 computes no loss in tests, and its loss in training has no name.
      expect(test.losses.length, path).toBe(/vgg/.test(name) ? 0 : heads);
      expect(train.outputs.length, path).toBe(/vgg/.test(name) ? 0 : heads);
      expect(train.masks.length, path).toBeGreaterThan(0);
      expect(test.masks).toEqual([]);
      expect(
        train.outputs.every(({ lossWeight }) => lossWeight > 0),
        path,
      ).toBe(true);
      expect(
        test.outputs.some(({ lossWeight }) => lossWeight === 0),
        path,
      ).toBe(true);
      expect(
        test.parameters.map((p) => p.name),
        path,
      ).toEqual(train.parameters.map((p) => p.name));
      if (!path.includes('fold_is_0')) continue;

      const step = trainStep(train, { batch: 2 });
      const gradients = step.outputs.filter((output) => output.name.startsWith('gradient:'));
      expect(gradients.map((output) => output.name)).toEqual(
        train.parameters.map((parameter) => `gradient:${parameter.name}`),
      );
      expect(gradients.map(({ shape }) => shape)).toEqual(train.parameters.map(({ shape }) => shape));
      expect(
        [step, testStep(test)].flatMap(({ nodes }) => nodes.map((node) => node.domain ?? '')),
      ).not.toContain('limn');
    }
  });
});
