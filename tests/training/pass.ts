import { importTraining, parsePrototxt, type TrainingNet, upgradeNet } from '../../src/caffe/index.ts';
import { float32, size, type Tensor } from '../../src/graph/index.ts';
import { nodeRuntime } from '../../src/runtime/onnxruntime.node.ts';
import { trainStep } from '../../src/training/step.ts';

export type Tensors = Readonly<Record<string, Tensor>>;

/** A network for training from prototxt. */
export function trainingNet(text: string, phase: 'train' | 'test' = 'train', file = 'net'): TrainingNet {
  return importTraining(upgradeNet(parsePrototxt(text, file), file), file, { phase });
}

/** What a pass needs besides data and weights: masks that keep everything, and what losses divide by. */
export function otherFeeds(net: TrainingNet, batch: Tensors, images: number): Tensors {
  const feeds: Record<string, Tensor> = {};
  for (const { name } of net.masks) {
    const shape = net.graph.inputs.find((input) => input.name === name)!.shape;
    const dims = [images, ...shape.slice(1).map(Number)];
    feeds[name] = float32(dims, new Float32Array(size(dims)).fill(1));
  }
  for (const { name, label, ignored, by, perImage } of net.normalisers) {
    const labels =
      label === undefined ? undefined : Array.from(batch[label].data as ArrayLike<unknown>, Number);
    const counted = labels?.filter((value) => value !== ignored).length ?? images * perImage;
    feeds[name] = float32([], [Math.max(1, { one: 1, batch: images, labels: counted }[by])]);
  }
  return feeds;
}

/** The training step of a network, loaded once: forward and backward with the given weights. */
export async function openStep(net: TrainingNet, images: number) {
  const session = await nodeRuntime.load(trainStep(net, { batch: images }), { threads: 1 });
  return {
    run: (batch: Tensors, weights: Tensors): Promise<Record<string, Tensor>> =>
      session.run({ ...otherFeeds(net, batch, images), ...batch, ...weights }),
    close: () => session.release(),
  };
}
