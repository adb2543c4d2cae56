import { availableParallelism } from 'node:os';
import { fail } from '../common/error.ts';
import type { Dataset } from '../data/index.ts';
import { openDataset } from '../data/open.node.ts';
import { pictureOf } from '../data/pictures.node.ts';
import { examine } from '../evaluation/examine.ts';
import { lower } from '../operators/index.ts';
import { headOf, linkOf } from '../relevance/scores.ts';
import type { Tested } from '../training/testing.ts';
import type { RunOptions } from './command.ts';
import { hostFor } from './host.ts';
import { loadModel } from './model.ts';
import { preprocessingOf } from './photos.ts';

/** The least probability whose logarithm a loss takes, as in Caffe: the least normal float32. */
const least = 2 ** -126;

/** A model, and so many batches of pictures for it. */
export interface DataTest extends RunOptions {
  readonly model: string;
  readonly data: string;
  readonly batch: number;
  readonly iterations: number;
}

/**
 * Accuracy and mean negative log-likelihood of a classifier on `iterations` batches of labelled pictures; from the first
 * again where they do not suffice, as Caffe's data layers do.
 */
export async function testOnData(
  options: DataTest,
  each: (batch: number, outputs: Tested['outputs']) => void,
): Promise<Tested> {
  const { model: path, data, batch, iterations } = options;
  const { model } = await loadModel(path);
  const head = headOf(model);
  if (head.kind !== 'classes')
    fail(path, `output '${head.name}' is a number, no classes`, 'limn evaluate measures it');
  const link = linkOf(model.graph, head.output)?.kind;
  if (link !== 'softmax' && link !== 'log-softmax')
    fail(
      path,
      `output '${head.name}' gives no probabilities, of which a loss could be taken`,
      'limn evaluate measures it',
    );
  const how = preprocessingOf(model, path);
  const dataset = await openDataset(data);
  const graph = lower({
    ...model.graph,
    outputs: model.graph.outputs.filter(({ name }) => name === head.output),
  });
  const host = await hostFor(graph, batch * iterations, options);
  const session = await host.runtime.load(graph, host.session);
  const examinee = { graph, session, output: head.output, logarithm: link === 'log-softmax', preparation: 0 };
  const running = {
    crops: 'center',
    batch,
    workers: host.workers,
    decoders: availableParallelism() + 1,
  } as const;
  const [sums, batches] = [{ accuracy: 0, loss: 0 }, { done: 0 }];
  try {
    for await (const some of examine(endless(dataset, batch * iterations), [how], [examinee], running)) {
      let [right, loss] = [0, 0];
      for (const answer of some) {
        if ('error' in answer) throw answer.error;
        const { scores } = answer.said[0]!;
        const truth = classOf(answer.exhibit, scores.length);
        if (scores.indexOf(Math.max(...scores)) === truth) right++;
        loss -= Math.log(Math.max(scores[truth]!, least));
      }
      const means = { accuracy: right / some.length, loss: loss / some.length };
      each(batches.done++, outputsOf(means));
      sums.accuracy += means.accuracy;
      sums.loss += means.loss;
    }
  } finally {
    await session.release();
  }
  const { done } = batches;
  return {
    outputs: outputsOf({ accuracy: sums.accuracy / done, loss: sums.loss / done }),
    loss: sums.loss / done,
  };
}

const outputsOf = ({ accuracy, loss }: { accuracy: number; loss: number }): Tested['outputs'] => [
  { name: 'accuracy', index: 0, value: accuracy },
  { name: 'loss', index: 1, value: loss, weight: 1 },
];

interface Labelled {
  readonly name: string;
  readonly label: number | string | undefined;
  picture(): ReturnType<typeof pictureOf>;
}

/** So many samples, over and over. */
async function* endless(dataset: Dataset, count: number): AsyncGenerator<Labelled> {
  const column = dataset.labelColumns[0] ?? fail(dataset.name, 'has no labels');
  if (dataset.size === 0) fail(dataset.name, 'is empty');
  for (let left = count; left > 0; ) {
    for await (const { name, labels, content } of dataset.samples()) {
      if (left-- <= 0) return;
      yield { name, label: labels[column], picture: async () => pictureOf(await content(), name) };
    }
  }
}

function classOf({ name, label }: Labelled, classes: number): number {
  const value = Number(label);
  return Number.isInteger(value) && label !== '' && value >= 0 && value < classes
    ? value
    : fail(
        name,
        `the label ${label ?? '(none)'} is none of the ${classes} classes`,
        `labels go from 0 to ${classes - 1}`,
      );
}
