import { expect } from 'vitest';
import { gradient } from '../../src/gradient/index.ts';
import {
  type Attributes,
  fixBatch,
  float32,
  type Graph,
  GraphBuilder,
  int64,
  type Tensor,
} from '../../src/graph/index.ts';
import { costs, infer } from '../../src/operators/index.ts';
import type { NdArray } from '../reference/array.ts';
import type { LossReference } from '../reference/losses.ts';
import { runGraph } from '../run.ts';
import { expectClose } from './close.ts';

export interface LossCase {
  readonly op: string;
  readonly attributes: Attributes;
  readonly inputs: readonly NdArray[];
  /** Whether the second input is int64; false unless given. */
  readonly labels?: boolean;
  readonly reference: (inputs: readonly NdArray[]) => LossReference;
  /** Whether the sizes are spelt out rather than the first being the batch; false unless given. */
  readonly fixed?: boolean;
  /** Whether the derivatives are those of the value; false where a clamp holds. */
  readonly smooth?: boolean;
}

/** The loss alone in a graph; the first dimension of its inputs is the batch. */
export function lossGraph(
  op: string,
  attributes: Attributes,
  shapes: readonly (readonly (number | string)[])[],
  types: readonly ('float32' | 'int64')[],
): Graph {
  const b = new GraphBuilder('loss');
  const inputs = shapes.map((shape, i) => b.input({ name: `x${i}`, type: types[i], shape }));
  b.node({ op, domain: 'limn', name: 'loss', inputs, outputs: ['y'], attributes });
  b.output('y', { name: 'y', type: 'float32', shape: [] });
  return b.build();
}

/**
 * Holds a loss to its reference, through the gradient's graph for any batch and for a fixed one: value, derivatives,
 * which must be those of the reference's value too, and that nothing flows to labels.
 */
export async function checkLoss(c: LossCase): Promise<void> {
  const types = c.inputs.map((_, i) => (i === 1 && c.labels ? 'int64' : 'float32'));
  const batch = c.inputs[0].shape[0];
  const symbolic = c.inputs.map(({ shape }) => (shape[0] === batch ? ['N', ...shape.slice(1)] : shape));
  const alike = !c.fixed && symbolic.every(([dim]) => dim === 'N');
  const graph = lossGraph(c.op, c.attributes, alike ? symbolic : c.inputs.map(({ shape }) => shape), types);
  expect(costs(graph, infer(graph)).get('loss')).toEqual({ parameters: 0, multiplyAdds: 0 });
  const { value, derivatives } = c.reference(c.inputs);
  const wrt = derivatives.flatMap((d, i) => (d ? [`x${i}`] : []));
  const factor = 0.75;
  const feeds: Record<string, Tensor> = { 'cotangent:y': float32([], [factor]) };
  c.inputs.forEach(({ shape, data }, i) => {
    feeds[`x${i}`] = types[i] === 'int64' ? int64(shape, [...data]) : float32(shape, data);
  });
  const backward = gradient(graph, { outputs: ['y'], wrt });
  for (const each of [backward, fixBatch(backward, batch)]) {
    const results = await runGraph(each, feeds);
    expectClose(array(results.y), { shape: [], data: Float64Array.of(value) }, 'the loss');
    derivatives.forEach((derivative, i) => {
      if (!derivative) return;
      const expected = { ...derivative, data: derivative.data.map((d) => d * factor) };
      expectClose(array(results[`gradient:x${i}`]), expected, `the gradient of input ${i}`);
    });
  }
  derivatives.forEach((derivative, i) => {
    if (!derivative)
      expect(() => gradient(graph, { outputs: ['y'], wrt: [`x${i}`] })).toThrow('has no influence');
  });
  if (c.smooth ?? true) expectDerivatives(c.reference, c.inputs);
}

const array = ({ shape, data }: Tensor): NdArray => ({
  shape,
  data: Float64Array.from(data as Float32Array),
});

/** The reference's derivatives are the central differences of its value. */
function expectDerivatives(reference: LossCase['reference'], inputs: readonly NdArray[]): void {
  const h = 1e-6;
  reference(inputs).derivatives.forEach((derivative, i) => {
    derivative?.data.forEach((slope, element) => {
      const moved = (by: number) => {
        const data = inputs[i].data.slice();
        data[element] += by;
        return reference(inputs.with(i, { ...inputs[i], data })).value;
      };
      expect((moved(h) - moved(-h)) / (2 * h)).toBeCloseTo(slope, 5);
    });
  });
}
