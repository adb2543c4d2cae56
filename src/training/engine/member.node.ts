import { fail } from '../../common/error.ts';
import { float32, size, type Tensor } from '../../graph/index.ts';
import { loadHere } from '../../runtime/onnxruntime.node.ts';
import type { LocalSession, Tensors } from '../../runtime/session.ts';
import { clipFactor, sumOfSquares, type UpdateStep, updateRule } from '../solver/index.ts';
import { pieces, share } from './layout.ts';
import { fillMask } from './mask.ts';
import type { Assignment, EngineCommand, UpdateOutcome } from './order.ts';
import { sharedSum } from './reduction.ts';

/** One thread's part in training. */
export interface Member {
  pass(order: Extract<EngineCommand, { kind: 'pass' }>): Promise<Tensors>;
  update(steps: readonly UpdateStep[]): UpdateOutcome;
  test(net: number, inputs: Tensors): Promise<Tensors>;
  close(): Promise<void>;
}

/**
 * Loads the training graph. ONNX Runtime takes no shared memory, so each thread keeps the weights and its gradient in
 * arrays of its own, which the graph reads and writes in place, and takes the weights over after each update.
 */
export async function openMember(assignment: Assignment): Promise<Member> {
  const { part, parts, threads, layout, iterSize, losses } = assignment;
  const train = await loadHere(assignment.train, { threads });
  const tests = new Map<number, Promise<LocalSession>>();

  const master = new Float32Array(assignment.weights);
  const histories = assignment.histories.map((buffer) => new Float32Array(buffer));
  const weights = new Float32Array(master);
  const gradient = new Float32Array(layout.trained);
  const total = iterSize > 1 ? new Float32Array(layout.trained) : gradient;
  const byName = pieces(layout, weights);
  const masterByName = pieces(layout, master);
  const gradients = pieces(
    { ...layout, parameters: layout.parameters.filter((p) => p.to <= layout.trained) },
    gradient,
  );
  const shapes = new Map(layout.parameters.map(({ name, shape }) => [name, shape]));

  const trainInputs = inputsOf(assignment.train.inputs.map(({ name }) => name));
  const into = Object.fromEntries(
    [...gradients].flatMap(([name, data]) => {
      const output = `gradient:${name}`;
      const made = assignment.train.outputs.some((info) => info.name === output);
      return made ? [[output, float32(shapes.get(name)!, data)]] : [];
    }),
  );
  const masks = assignment.masks.map((mask) => {
    const info =
      assignment.train.inputs.find(({ name }) => name === mask.name) ??
      fail(mask.name, 'is no input of the graph');
    const shape = info.shape.map(Number);
    return { mask, tensor: float32(shape, new Float32Array(size(shape))) };
  });

  const rule = updateRule(assignment.rule);
  const sums = sharedSum(assignment.reduction, part, parts);
  const [from, to] = share(layout, part, parts);
  let lossIsFinite = true;

  /** The parameters among the inputs of a graph, around the thread's own weights. */
  function inputsOf(names: readonly string[]): Record<string, Tensor> {
    return Object.fromEntries(
      names.flatMap((name) => {
        const data = byName.get(name);
        return data ? [[name, float32(shapes.get(name)!, data)]] : [];
      }),
    );
  }

  /** BatchNorm's statistics, which the forward pass moves; what is not finite would spoil them for good. */
  function moveSums(outputs: Tensors): void {
    for (const { parameter, output, fraction } of assignment.moving) {
      const added = outputs[output].data as Float32Array;
      if (!added.every(Number.isFinite)) continue;
      const kept = masterByName.get(parameter)!;
      added.forEach((value, i) => {
        kept[i] = kept[i] * fraction + value;
      });
      byName.get(parameter)!.set(kept);
    }
  }

  return {
    async pass({ inputs, pass, further }) {
      for (const { mask, tensor } of masks) {
        const each = tensor.data.length / tensor.shape[0];
        fillMask(tensor.data, mask, assignment.seed, pass, assignment.from * each);
      }
      const masked = Object.fromEntries(masks.map(({ mask, tensor }) => [mask.name, tensor]));
      const outputs = await train.run({ ...trainInputs, ...inputs, ...masked }, undefined, into);
      if (!further) lossIsFinite = true;
      for (const name of losses) {
        if (!(outputs[name].data as Float32Array).every(Number.isFinite)) lossIsFinite = false;
      }
      moveSums(outputs);
      if (total !== gradient) {
        if (!further) total.set(gradient);
        else for (let i = 0; i < gradient.length; i++) total[i] += gradient[i];
      }
      return outputs;
    },

    update(steps) {
      try {
        return update(steps);
      } catch (error) {
        sums.giveUp();
        throw error;
      }
    },

    async test(net, inputs) {
      const model = assignment.tests[net];
      const loading = tests.get(net) ?? loadHere(model, { threads });
      tests.set(net, loading);
      return (await loading).run({ ...inputsOf(model.inputs.map(({ name }) => name)), ...inputs });
    },

    async close() {
      await train.release();
      for (const session of tests.values()) await (await session).release();
    },
  };

  function update(steps: readonly UpdateStep[]): UpdateOutcome {
    const gaveUp = () => fail('training', 'another thread failed');
    if (!sums.addShare(total, from, to)) gaveUp();
    const squares = sumOfSquares(total, from, to);
    const norm = sums.addScalar(lossIsFinite ? squares : Number.NaN) ?? gaveUp();
    // The weights stay as they are then: one can find out where it began.
    if (!Number.isFinite(norm)) return { finite: false, bad: firstBad(total) };
    const clip = clipFactor(assignment.clipGradients, norm);
    let finite = true;
    layout.parameters.forEach((parameter, i) => {
      const [start, end] = [Math.max(from, parameter.from), Math.min(to, parameter.to)];
      if (start >= end) return;
      const step = steps[i];
      const scaled = clip === 1 ? step : { ...step, scale: clip * step.scale };
      if (!rule.update({ weights: master, gradient: total, histories }, start, end, scaled)) finite = false;
    });
    if (!sums.meet()) gaveUp();
    weights.set(master.subarray(0, layout.trained));
    return finite ? { finite } : { finite, bad: firstBad(master) };
  }

  function firstBad(values: Float32Array): number | undefined {
    for (let i = from; i < to; i++) if (!Number.isFinite(values[i])) return i;
    return undefined;
  }
}
