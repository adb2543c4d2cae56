import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { shapes } from '../operators/arbitrary.ts';
import { array, random } from '../operators/random.ts';
import { at, build, count, indices, map, type NdArray } from '../reference/array.ts';
import { innerProduct } from '../reference/caffe/movement.ts';
import { sigmoid } from '../reference/elementwise.ts';
import { euclideanLoss, hingeLoss, sigmoidLoss, softmaxLoss } from '../reference/losses.ts';
import { softmax } from '../reference/normalisation.ts';
import { checkTraining, input, labelsOf, scalar, scaled, scaleLayer } from './check.ts';
import { trainingNet } from './pass.ts';

/** What `loss_param` says about the divisor, and what Caffe makes of it. */
const normalisations = fc.constantFrom<[param: string, mode: string | undefined]>(
  ['', undefined],
  ['normalization: VALID', 'VALID'],
  ['normalization: FULL', 'FULL'],
  ['normalization: BATCH_SIZE', 'BATCH_SIZE'],
  ['normalization: NONE', 'NONE'],
  ['normalize: true', 'VALID'],
  ['normalize: false', 'BATCH_SIZE'],
  ['normalize: false normalization: FULL', 'FULL'],
);

/** Caffe's get_normalizer. */
function divisor(mode: string, outer: number, inner: number, valid: number): number {
  if (mode === 'NONE') return 1;
  return Math.max(1, { VALID: valid, FULL: outer * inner, BATCH_SIZE: outer }[mode]!);
}

const ignored = fc.constantFrom(undefined, -1, 0, 255);
const weights = fc.constantFrom(undefined, 0.3, 2, -1);
const weightOf = (weight: number | undefined) => (weight === undefined ? '' : `loss_weight: ${weight}`);
const runs = { numRuns: 12 };

describe('SoftmaxWithLoss', () => {
  it('over any axis, whatever is ignored and however it is normalised', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.nat(2),
        ignored,
        normalisations,
        weights,
        fc.integer(),
        async (shape, place, ignore, [param, mode], weight, seed) => {
          const next = random(seed);
          const axis = 1 + (place % (shape.length - 1));
          const places = shape.filter((_, i) => i !== axis);
          const ignoring = ignore === undefined ? '' : `ignore_label: ${ignore}`;
          const net = trainingNet(`${input({ data: shape, label: places })} ${scaleLayer('data', 'x')}
            layer { name: "loss" type: "SoftmaxWithLoss" bottom: "x" bottom: "label" top: "loss" ${weightOf(weight)}
              softmax_param { axis: ${axis} } loss_param { ${ignoring} ${param} } }`);
          expect(net.outputs).toEqual([{ name: 'loss', lossWeight: Math.fround(weight ?? 1) }]);
          expect(net.ranges).toEqual([
            { label: 'label', classes: shape[axis], ignored: ignore, layer: 'loss' },
          ]);
          const labels = labelsOf(next, places, shape[axis], ignore);
          const valid = labels.data.filter((label) => label !== ignore).length;
          const inner = count(shape.slice(axis + 1));
          const by = divisor(mode ?? 'VALID', count(shape) / inner / shape[axis], inner, valid);
          await checkTraining({
            net,
            inputs: { data: array(next, shape), label: labels },
            reference(v) {
              const x = scaled(v.data, v['x.weight'], v['x.bias']);
              const loss = softmaxLoss(x, v.label, axis, ignore).value / by;
              return { outputs: { loss: scalar(loss) }, objective: (weight ?? 1) * loss };
            },
            seed,
          });
        },
      ),
      {
        numRuns: 30,
        // Caffe's batch size is then all that lies before the axis.
        examples: [[[2, 3, 4], 1, undefined, ['normalization: BATCH_SIZE', 'BATCH_SIZE'], undefined, 1]],
      },
    ));

  it('gives probabilities to a second top, which may have a weight, too', () =>
    fc.assert(
      fc.asyncProperty(shapes(2, 3), fc.integer(), async (shape, seed) => {
        const next = random(seed);
        const places = shape.filter((_, i) => i !== 1);
        const net = trainingNet(`${input({ data: shape, label: places })} ${scaleLayer('data', 'x')}
          layer { name: "loss" type: "SoftmaxWithLoss" bottom: "x" bottom: "label" top: "loss" top: "prob" 
            loss_weight: 1 loss_weight: 0.5 }
          layer { name: "square" type: "Power" bottom: "prob" top: "square" power_param { power: 2 } loss_weight: 3 }`);
        expect(net.outputs.map(({ name }) => name)).toEqual(['loss', 'square']);
        expect(net.losses.map(({ value, weight }) => [value, weight])).toEqual([
          ['loss', 1],
          ['prob', 0.5],
          ['square', 3],
        ]);
        await checkTraining({
          net,
          inputs: { data: array(next, shape), label: labelsOf(next, places, shape[1]) },
          reference(v) {
            const x = scaled(v.data, v['x.weight'], v['x.bias']);
            const loss = softmaxLoss(x, v.label, 1).value / count(places);
            const prob = softmax(x, 1);
            const square = map(prob, (p) => p * p);
            const total = (a: NdArray) => a.data.reduce((t, value) => t + value, 0);
            return {
              outputs: { loss: scalar(loss), prob, square },
              objective: loss + 0.5 * total(prob) + 3 * total(square),
            };
          },
          seed,
        });
      }),
      runs,
    ));
});

it('SigmoidCrossEntropyLoss, whatever is ignored and however it is normalised', () =>
  fc.assert(
    fc.asyncProperty(
      shapes(2, 4),
      ignored,
      normalisations,
      fc.boolean(),
      fc.integer(),
      async (shape, ignore, [param, mode], second, seed) => {
        const next = random(seed);
        const ignoring = ignore === undefined ? '' : `ignore_label: ${ignore}`;
        const net = trainingNet(`${input({ data: shape, target: shape })} ${scaleLayer('data', 'x')}
          layer { name: "loss" type: "SigmoidCrossEntropyLoss" bottom: "x" bottom: "target" top: "loss"
            ${second ? 'top: "prob"' : ''} loss_param { ${ignoring} ${param} } }`);
        expect(net.graph.inputs[1].type).toBe('float32');
        const target = labelsOf(next, shape, 2, ignore);
        const valid = target.data.filter((label) => label !== ignore).length;
        const by = divisor(mode ?? 'BATCH_SIZE', shape[0], count(shape.slice(1)), valid);
        await checkTraining({
          net,
          inputs: { data: array(next, shape), target },
          reference(v) {
            const x = scaled(v.data, v['x.weight'], v['x.bias']);
            const loss = sigmoidLoss(x, v.target, ignore).value / by;
            return {
              outputs: { loss: scalar(loss), ...(second && { prob: map(x, sigmoid) }) },
              objective: loss,
            };
          },
          seed,
        });
      },
    ),
    runs,
  ));

it.each(['L1', 'L2'])('HingeLoss, %s', (norm) =>
  fc.assert(
    fc.asyncProperty(shapes(2, 3), fc.integer(), async (shape, seed) => {
      const next = random(seed);
      const classes = count(shape.slice(1));
      const net = trainingNet(`${input({ data: shape, label: [shape[0]] })} ${scaleLayer('data', 'x')}
        layer { name: "loss" type: "HingeLoss" bottom: "x" bottom: "label" top: "loss"
          hinge_loss_param { norm: ${norm} } }`);
      expect(net.ranges).toMatchObject([{ classes }]);
      await checkTraining({
        net,
        inputs: { data: array(next, shape), label: labelsOf(next, [shape[0]], classes) },
        reference(v) {
          const x = scaled(v.data, v['x.weight'], v['x.bias']);
          const loss = hingeLoss(x, v.label, norm === 'L1' ? 1 : 2).value / shape[0];
          return { outputs: { loss: scalar(loss) }, objective: loss };
        },
        seed,
      });
    }),
    runs,
  ),
);

it('EuclideanLoss: a regression to targets, and between two branches', () =>
  fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 4 }),
      fc.boolean(),
      fc.integer(),
      async (n, branches, seed) => {
        const next = random(seed);
        const dense = (name: string) =>
          `layer { name: "${name}" type: "InnerProduct" bottom: "data" top: "${name}" inner_product_param { num_output: 2 } }`;
        const second = branches ? 'b' : 'target';
        const net =
          trainingNet(`${input({ data: [n, 3], target: [n, 2] })} ${dense('a')} ${branches ? dense('b') : ''}
        layer { name: "loss" type: "EuclideanLoss" bottom: "a" bottom: "${second}" top: "loss" }`);
        await checkTraining({
          net,
          inputs: { data: array(next, [n, 3]), target: array(next, [n, 2]) },
          reference(v) {
            const of = (name: string) => innerProduct(v.data, v[`${name}.weight`], v[`${name}.bias`], false);
            const loss = euclideanLoss(of('a'), branches ? of('b') : v.target).value / n;
            return { outputs: { loss: scalar(loss) }, objective: loss };
          },
          seed,
        });
      },
    ),
    runs,
  ));

describe('Accuracy', () => {
  /** Caffe's own count: right where fewer than top_k other classes score as high as the label's or higher. */
  function accuracy(scores: NdArray, labels: NdArray, axis: number, top: number, ignore?: number): number {
    let [right, counted] = [0, 0];
    indices(scores.shape.with(axis, 1)).forEach((place, i) => {
      const label = labels.data[i];
      if (label === ignore) return;
      counted++;
      const own = at(scores, place.with(axis, label));
      let better = -1;
      for (let k = 0; k < scores.shape[axis]; k++) if (at(scores, place.with(axis, k)) >= own) better++;
      if (better < top) right++;
    });
    return right / Math.max(1, counted);
  }

  it('with ties, any top_k, any axis, whatever is ignored', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.nat(2),
        fc.nat(3),
        ignored,
        fc.integer(),
        async (shape, place, more, ignore, seed) => {
          const next = random(seed);
          const axis = 1 + (place % (shape.length - 1));
          const top = 1 + (more % shape[axis]);
          const places = shape.filter((_, i) => i !== axis);
          const ignoring = ignore === undefined ? '' : `ignore_label: ${ignore}`;
          const net = trainingNet(
            `${input({ data: shape, label: places })}
            layer { name: "right" type: "Accuracy" bottom: "data" bottom: "label" top: "right"
              accuracy_param { axis: ${axis} top_k: ${top} ${ignoring} } }`,
            'test',
          );
          expect(net.outputs).toEqual([{ name: 'right', lossWeight: 0 }]);
          const label = labelsOf(next, places, shape[axis], ignore);
          await checkTraining({
            net,
            // Few different scores, so that many are equal.
            inputs: { data: build(shape, () => Math.floor(next() * 3)), label },
            reference: (v) => ({
              outputs: { right: scalar(accuracy(v.data, v.label, axis, top, ignore)) },
              objective: 0,
            }),
            seed,
          });
        },
      ),
      { numRuns: 25 },
    ));

  it('refuses a top_k of more than there are classes, naming the layer', () => {
    const net = `${input({ data: [1, 3], label: [1] })}
      layer { name: "right" type: "Accuracy" bottom: "data" bottom: "label" top: "right" accuracy_param { top_k: 4 } }`;
    expect(() => trainingNet(net)).toThrow("layer 'right': top_k 4 must lie between 1 and 3");
  });
});

describe('several losses', () => {
  const dense = (name: string, bottom: string, outputs: number, more = '') =>
    `layer { name: "${name}" type: "InnerProduct" bottom: "${bottom}" top: "${name}" ${more}
      inner_product_param { num_output: ${outputs} } }`;
  const softmaxOn = (name: string, bottom: string, weight: number) =>
    `layer { name: "${name}" type: "SoftmaxWithLoss" bottom: "${bottom}" bottom: "label" top: "${name}"
      loss_weight: ${weight} }`;

  it('auxiliary heads on a common trunk', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 5 }), fc.integer(), async (n, seed) => {
        const next = random(seed);
        const net = trainingNet(`${input({ data: [n, 4], label: [n] })} ${dense('trunk', 'data', 5)}
          layer { name: "tanh" type: "TanH" bottom: "trunk" top: "trunk" }
          ${dense('head1', 'trunk', 3)} ${softmaxOn('loss1', 'head1', 0.3)}
          ${dense('head2', 'trunk', 3)} ${softmaxOn('loss2', 'head2', 1)}
          layer { name: "accuracy" type: "Accuracy" bottom: "head2" bottom: "label" top: "accuracy" }
          layer { name: "quiet" type: "Silence" bottom: "accuracy" }`);
        expect(net.outputs.map(({ name }) => name)).toEqual(['loss1', 'loss2']);
        await checkTraining({
          net,
          inputs: { data: array(next, [n, 4]), label: labelsOf(next, [n], 3) },
          reference(v) {
            const through = (x: NdArray, name: string) =>
              innerProduct(x, v[`${name}.weight`], v[`${name}.bias`], false);
            const trunk = map(through(v.data, 'trunk'), Math.tanh);
            const loss = (head: string) => softmaxLoss(through(trunk, head), v.label, 1).value / n;
            const [loss1, loss2] = [loss('head1'), loss('head2')];
            return {
              outputs: { loss1: scalar(loss1), loss2: scalar(loss2) },
              objective: 0.3 * loss1 + loss2,
            };
          },
          seed,
        });
      }),
      runs,
    ));

  it('a weighted blob that another layer takes, a loss of weight 0, and one without a top', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer(), async (n, seed) => {
        const next = random(seed);
        const net =
          trainingNet(`${input({ data: [n, 4], label: [n] })} ${dense('a', 'data', 3, 'loss_weight: 0.25')}
          ${dense('b', 'a', 3)} ${softmaxOn('loss', 'b', 0)}
          layer { name: "hidden" type: "SoftmaxWithLoss" bottom: "b" bottom: "label" }`);
        expect(net.outputs).toEqual([{ name: 'loss', lossWeight: 0 }]);
        expect(net.losses.map(({ weight }) => weight)).toEqual([0.25, 1]);
        await checkTraining({
          net,
          inputs: { data: array(next, [n, 4]), label: labelsOf(next, [n], 3) },
          reference(v) {
            const a = innerProduct(v.data, v['a.weight'], v['a.bias'], false);
            const b = innerProduct(a, v['b.weight'], v['b.bias'], false);
            const loss = softmaxLoss(b, v.label, 1).value / n;
            const weighted = 0.25 * a.data.reduce((total, value) => total + value, 0);
            return {
              outputs: { a, loss: scalar(loss), 'hidden:loss': scalar(loss) },
              objective: weighted + loss,
            };
          },
          seed,
        });
      }),
      runs,
    ));

  it('for labels cut from one blob', () =>
    fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.integer(), async (n, seed) => {
        const next = random(seed);
        const net = trainingNet(`${input({ data: [n, 4], labels: [n, 2] })}
          layer { name: "cut" type: "Slice" bottom: "labels" top: "label" top: "second" slice_param { axis: 1 } }
          ${dense('a', 'data', 3)} ${softmaxOn('loss', 'a', 1)}
          layer { name: "right" type: "Accuracy" bottom: "a" bottom: "second" top: "right" }`);
        expect([net.ranges, net.outputs.map(({ name }) => name)]).toEqual([[], ['loss', 'right']]);
        expect(net.graph.inputs[1].type).toBe('int64');
        const labels = labelsOf(next, [n, 2], 3);
        const column = (k: number) => build([n], ([i]) => at(labels, [i, k]));
        await checkTraining({
          net,
          inputs: { data: array(next, [n, 4]), labels },
          reference(v) {
            const a = innerProduct(v.data, v['a.weight'], v['a.bias'], false);
            const loss = softmaxLoss(a, column(0), 1).value / n;
            const most = (i: number) => Math.max(at(a, [i, 0]), at(a, [i, 1]), at(a, [i, 2]));
            const hits = build([n], ([i]) => (at(a, [i, at(labels, [i, 1])]) === most(i) ? 1 : 0));
            const right = hits.data.reduce((total, hit) => total + hit, 0) / n;
            return { outputs: { loss: scalar(loss), right: scalar(right) }, objective: loss };
          },
          seed,
        });
      }),
      runs,
    ));

  it('refuses loss weights that are not as many as tops', () => {
    const net = `${input({ data: [1, 3], label: [1] })} ${dense('a', 'data', 3, 'loss_weight: 1 loss_weight: 2')}`;
    expect(() => trainingNet(net)).toThrow("layer 'a': 2 loss_weight for 1 tops");
  });
});
