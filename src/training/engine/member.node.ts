import { fail } from '../../common/error.ts';
import { float32, size } from '../../graph/index.ts';
import { loadHere } from '../../runtime/onnxruntime.node.ts';
import type { LocalSession, Tensors } from '../../runtime/session.ts';
import type { UpdateStep } from '../solver/index.ts';
import { addPass, gradientOutputs, moveSums, parameterInputs, threadArrays } from './arrays.ts';
import { fillMask } from './mask.ts';
import type { Assignment, EngineCommand, UpdateOutcome } from './order.ts';
import { update, updateShare } from './update.ts';

/** One thread's part in training. */
export interface Member {
  pass(order: Extract<EngineCommand, { kind: 'pass' }>): Promise<Tensors>;
  update(steps: readonly UpdateStep[]): UpdateOutcome;
  test(net: number, inputs: Tensors): Promise<Tensors>;
  close(): Promise<void>;
}

/** Loads the training graph, and makes the arrays that it computes on; a test net's is loaded at its first test. */
export async function openMember(assignment: Assignment): Promise<Member> {
  const { threads, losses } = assignment;
  const train = await loadHere(assignment.train, { threads });
  const tests = new Map<number, Promise<LocalSession>>();

  const arrays = threadArrays(assignment);
  const parameters = parameterInputs(arrays, assignment.train.inputs);
  const gradients = gradientOutputs(arrays, assignment.train.outputs);
  const masks = maskTensors(assignment);
  const ownShare = updateShare(assignment, arrays);
  let lossIsFinite = true;

  return {
    async pass({ inputs, pass, further }) {
      for (const { mask, tensor } of masks) {
        const each = tensor.data.length / tensor.shape[0];
        fillMask(tensor.data, mask, assignment.seed, pass, assignment.from * each);
      }
      const masked = Object.fromEntries(masks.map(({ mask, tensor }) => [mask.name, tensor]));
      const outputs = await train.run({ ...parameters, ...inputs, ...masked }, undefined, gradients);
      if (!further) lossIsFinite = true;
      for (const name of losses) {
        if (!(outputs[name].data as Float32Array).every(Number.isFinite)) lossIsFinite = false;
      }
      moveSums(arrays, assignment.moving, outputs);
      addPass(arrays, further);
      return outputs;
    },

    update: (steps) => update(ownShare, steps, lossIsFinite),

    async test(net, inputs) {
      const model = assignment.tests[net];
      const loading = tests.get(net) ?? loadHere(model, { threads });
      tests.set(net, loading);
      return (await loading).run({ ...parameterInputs(arrays, model.inputs), ...inputs });
    },

    async close() {
      await train.release();
      for (const session of tests.values()) await (await session).release();
    },
  };
}

/** Memory for each mask, of this thread's images. */
function maskTensors({ masks, train }: Assignment) {
  return masks.map((mask) => {
    const info =
      train.inputs.find(({ name }) => name === mask.name) ?? fail(mask.name, 'is no input of the graph');
    const shape = info.shape.map(Number);
    return { mask, tensor: float32(shape, new Float32Array(size(shape))) };
  });
}
