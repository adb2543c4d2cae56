import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import { type Attributes, float32, int64 } from '../../src/graph/index.ts';
import { writeOnnx } from '../../src/onnx/index.ts';
import { infer, lower, operatorOf, Site } from '../../src/operators/index.ts';
import { count, type NdArray } from '../reference/array.ts';
import { euclideanLoss, hingeLoss, sigmoidLoss, softmaxLoss } from '../reference/losses.ts';
import { runGraph } from '../run.ts';
import { shapes } from './arbitrary.ts';
import { checkLoss, lossGraph } from './losses.ts';
import { array, random } from './random.ts';

/** Labels from 0 to classes − 1, some of which are `ignore` if it is given: a share of them, or all. */
function labelsOf(
  next: () => number,
  shape: readonly number[],
  classes: number,
  ignore?: { label: number; share: number },
): NdArray {
  const one = () => (ignore && next() < ignore.share ? ignore.label : Math.floor(next() * classes));
  return { shape, data: Float64Array.from({ length: count(shape) }, one) };
}

const ignoring = fc.option(
  fc.record({ label: fc.constantFrom(-1, 0, 255), share: fc.constantFrom(0, 0.5, 1) }),
  { nil: undefined },
);
const attribute = (ignore: { label: number } | undefined): Attributes =>
  ignore ? { ignore: ignore.label } : {};

describe('SoftmaxLoss', () => {
  it('along any axis, with labels in any shape and any of them ignored', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(2, 4),
        fc.constantFrom(undefined, 1, -1, 0),
        ignoring,
        fc.constantFrom('kept', 'dropped', 'flat'),
        fc.integer(),
        async (shape, given, ignore, form, seed) => {
          const next = random(seed);
          const axis = given === undefined ? 1 : (given + shape.length) % shape.length;
          const places = shape.with(axis, 1);
          const dropped = shape.filter((_, i) => i !== axis);
          const flat = axis === 0 ? [count(places)] : [shape[0], count(places) / shape[0]];
          await checkLoss({
            op: 'SoftmaxLoss',
            attributes: { ...(given !== undefined && { axis: given }), ...attribute(ignore) },
            inputs: [
              array(next, shape),
              labelsOf(next, { kept: places, dropped, flat }[form], shape[axis], ignore),
            ],
            labels: true,
            fixed: axis === 0,
            reference: ([x, labels]) => softmaxLoss(x, labels, axis, ignore?.label),
          });
        },
      ),
      { numRuns: 40 },
    ));

  it('clamps a loss as Caffe does, not its derivative, and knows no overflow', () =>
    checkLoss({
      op: 'SoftmaxLoss',
      attributes: {},
      inputs: [
        { shape: [4, 3], data: Float64Array.of(1e4, -1e4, 0, 90, 0, 0, 3e38, -3e38, 0, -1e4, -1e4, -1e4) },
        { shape: [4], data: Float64Array.of(1, 2, 1, 0) },
      ],
      labels: true,
      reference: ([x, labels]) => softmaxLoss(x, labels, 1),
      smooth: false,
    }));

  it('is NaN where a score that counts is, but not where it is ignored', async () => {
    const graph = gradient(
      lossGraph(
        'SoftmaxLoss',
        { ignore: 7 },
        [
          ['N', 2],
          ['N', 1],
        ],
        ['float32', 'int64'],
      ),
      {
        outputs: ['y'],
        wrt: ['x0'],
      },
    );
    const run = (labels: number[]) =>
      runGraph(graph, {
        x0: float32([2, 2], [0, 0, Number.NaN, 0]),
        x1: int64([2, 1], labels),
        'cotangent:y': float32([], [1]),
      });
    expect((await run([0, 1])).y.data[0]).toBeNaN();
    const ignored = await run([0, 7]);
    expect(ignored.y.data[0]).toBeCloseTo(Math.log(2), 6);
    expect(Array.from(ignored['gradient:x0'].data as Float32Array)).toEqual([-0.5, 0.5, 0, 0]);
  });

  it('refuses labels that do not fit', () => {
    const softmax = (...shapes: (number | string)[][]) =>
      infer(lossGraph('SoftmaxLoss', {}, shapes, ['float32', 'int64']));
    expect(() => softmax(['N', 3], ['N', 2])).toThrow(
      "node 'loss' (SoftmaxLoss): labels [N,2] do not fit scores [N,3]: needed are [N,1]",
    );
    expect(() => softmax(['N', 'K'], ['N'])).toThrow("the number of classes in 'x0' is not fixed ('K')");
    expect(() => softmax(['N'], ['N'])).toThrow('axis 1 is outside the 1 dimensions');
    expect(() => infer(lossGraph('SoftmaxLoss', {}, [[2, 3], [2]], ['float32', 'float32']))).toThrow(
      "'x1' must be int64 labels, not float32",
    );
    expect(() => infer(lossGraph('SoftmaxLoss', {}, [[2, 3], [2]], ['int64', 'int64']))).toThrow(
      "'x0' must be float32, not int64",
    );
  });
});

describe('SigmoidLoss', () => {
  it('of shares and of labels, any of them ignored', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4),
        ignoring,
        fc.boolean(),
        fc.boolean(),
        fc.integer(),
        async (shape, ignore, labels, flat, seed) => {
          const next = random(seed);
          const form = flat ? [shape[0], count(shape) / shape[0]] : shape;
          const targets = labelsOf(next, form, 2, ignore);
          if (!labels) targets.data.set(targets.data.map((t) => (t === ignore?.label ? t : next())));
          await checkLoss({
            op: 'SigmoidLoss',
            attributes: attribute(ignore),
            inputs: [array(next, shape, -3, 3), targets],
            labels,
            reference: ([x, t]) => sigmoidLoss(x, t, ignore?.label),
          });
        },
      ),
      { numRuns: 30 },
    ));

  it('of extreme scores', () =>
    checkLoss({
      op: 'SigmoidLoss',
      attributes: {},
      inputs: [
        { shape: [6], data: Float64Array.of(1e4, 1e4, -1e4, -1e4, 0, 100) },
        { shape: [6], data: Float64Array.of(0, 1, 0, 1, 1, 0.5) },
      ],
      reference: ([x, t]) => sigmoidLoss(x, t),
      smooth: false,
    }));

  it('refuses targets of another size', () => {
    expect(() =>
      infer(
        lossGraph(
          'SigmoidLoss',
          {},
          [
            ['N', 3],
            ['N', 2],
          ],
          ['float32', 'float32'],
        ),
      ),
    ).toThrow("node 'loss' (SigmoidLoss): inputs [N,3] and [N,2] are not of one size");
  });
});

describe('HingeLoss', () => {
  it.each([1, 2])('with norm %d', (norm) =>
    fc.assert(
      fc.asyncProperty(shapes(2, 4), fc.boolean(), fc.integer(), async (shape, column, seed) => {
        const next = random(seed);
        const classes = count(shape.slice(1));
        await checkLoss({
          op: 'HingeLoss',
          attributes: { norm },
          inputs: [array(next, shape, -3, 3), labelsOf(next, column ? [shape[0], 1] : [shape[0]], classes)],
          labels: true,
          reference: ([x, labels]) => hingeLoss(x, labels, norm),
        });
      }),
      { numRuns: 15 },
    ),
  );

  it('of extreme scores, and of a margin of exactly 0', () =>
    checkLoss({
      op: 'HingeLoss',
      attributes: {},
      inputs: [
        { shape: [2, 3], data: Float64Array.of(1e4, -1e4, 0, 1, -1, 1e4) },
        { shape: [2], data: Float64Array.of(1, 0) },
      ],
      labels: true,
      reference: ([x, labels]) => hingeLoss(x, labels, 1),
      smooth: false,
    }));

  it('refuses other norms and scores without classes', () => {
    const hinge = (norm: number, shape: number[]) =>
      infer(lossGraph('HingeLoss', { norm }, [shape, [2]], ['float32', 'int64']));
    expect(() => hinge(3, [2, 3])).toThrow("attribute 'norm' must be 1 or 2, not 3");
    expect(() => hinge(1, [2])).toThrow('needs scores of two or more dimensions, got [2]');
  });
});

describe('EuclideanLoss', () => {
  it('of two blobs, or of a blob and labels', () =>
    fc.assert(
      fc.asyncProperty(
        shapes(1, 4),
        fc.boolean(),
        fc.boolean(),
        fc.integer(),
        async (shape, labels, flat, seed) => {
          const next = random(seed);
          const form = flat ? [shape[0], count(shape) / shape[0]] : shape;
          await checkLoss({
            op: 'EuclideanLoss',
            attributes: {},
            inputs: [array(next, shape), labels ? labelsOf(next, form, 5) : array(next, form)],
            labels,
            reference: ([a, b]) => {
              const { value, derivatives } = euclideanLoss(a, b);
              return { value, derivatives: labels ? [derivatives[0], undefined] : derivatives };
            },
          });
        },
      ),
      { numRuns: 20 },
    ));
});

describe("limn's own operators", () => {
  const graph = lossGraph(
    'EuclideanLoss',
    {},
    [
      ['N', 3],
      ['N', 3],
    ],
    ['float32', 'float32'],
  );

  it('are written only when lowered', () => {
    expect(() => writeOnnx({ graph, info: { heads: [], provenance: {} } })).toThrow(
      "node 'loss' (EuclideanLoss): is limn's own operator, which ONNX does not know; lower the graph first",
    );
    const lowered = lower(graph);
    expect(lowered.nodes.some(({ domain }) => domain !== undefined)).toBe(false);
    expect(writeOnnx({ graph: lowered, info: { heads: [], provenance: {} } }).bytes.length).toBeGreaterThan(
      0,
    );
  });

  it('pass no relevance', () => {
    const [node] = graph.nodes;
    expect(() => operatorOf(node).role(new Site(node, infer(graph)))).toThrow(
      "node 'loss' (EuclideanLoss): is a loss: no relevance passes through it; explain the scores below it",
    );
  });

  it('are unknown in another domain, and others in theirs', () => {
    const [node] = graph.nodes;
    expect(() => operatorOf({ ...node, domain: 'other' })).toThrow('the operator other.EuclideanLoss is not');
    expect(() => operatorOf({ ...node, op: 'Relu' })).toThrow('the operator limn.Relu is not supported');
    expect(() =>
      operatorOf({ name: 'n', op: 'EuclideanLoss', inputs: [], outputs: [], attributes: {} }),
    ).toThrow('the operator EuclideanLoss is not supported');
  });
});
