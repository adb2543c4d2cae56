import { classifierOf, openClassifier, preprocessingOf } from '../../classifier/index.ts';
import { fail } from '../../common/error.ts';
import { type Dataset, openDataset, pictureOf } from '../../data/index.ts';
import { type PictureSample, predict } from '../../evaluation/predict.ts';
import type { Tested } from '../../training/testing.ts';
import type { ComputeOptions, Host } from '../host.ts';

/** The least probability whose logarithm a loss takes, as in Caffe: the least normal float32. */
const least = 2 ** -126;

/** A model, and so many batches of pictures for it. */
export interface ModelTest extends ComputeOptions {
  readonly model: string;
  readonly data: string;
  readonly batch: number;
  readonly iterations: number;
}

/**
 * Accuracy and mean negative log-likelihood of a classifier on `iterations` batches of labelled pictures; from the first
 * again where they do not suffice, as Caffe's data layers do.
 */
export async function testModel(
  options: ModelTest,
  host: Host,
  each: (batch: number, outputs: Tested['outputs']) => void,
): Promise<Tested> {
  const { model: path, data, batch, iterations } = options;
  const { model } = await host.files.readModel(path);
  const classifier = classifierOf(model, { name: path });
  const { head, link, graph } = classifier;
  if (head.kind !== 'classes')
    fail(path, `output '${head.name}' is a number, no classes`, 'an evaluation measures it');
  if (link !== 'softmax' && link !== 'log-softmax')
    fail(
      path,
      `output '${head.name}' gives no probabilities, of which a loss could be taken`,
      'an evaluation measures it',
    );
  preprocessingOf(classifier);
  const dataset = await openDataset(data, host.files);
  const { runtime, session, workers, decoders } = await host.compute(graph, batch * iterations, options);
  const opened = await openClassifier(model, { name: path, head: head.name, runtime, session, batch });
  const [sums, batches] = [{ accuracy: 0, loss: 0 }, { done: 0 }];
  try {
    const samples = endless(dataset, batch * iterations, host);
    for await (const some of predict(samples, [opened], { crops: 'center', batch, workers, decoders })) {
      let [right, loss] = [0, 0];
      for (const answer of some) {
        if ('error' in answer) throw answer.error;
        const { scores } = answer.predictions[0];
        const truth = classOf(answer.sample, scores.length);
        if (scores.indexOf(Math.max(...scores)) === truth) right++;
        loss -= Math.log(Math.max(scores[truth], least));
      }
      const means = { accuracy: right / some.length, loss: loss / some.length };
      each(batches.done++, outputsOf(means));
      sums.accuracy += means.accuracy;
      sums.loss += means.loss;
    }
  } finally {
    await opened.release();
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

interface Labelled extends PictureSample {
  readonly label: number | string | undefined;
}

/** So many samples, over and over. */
async function* endless(dataset: Dataset, count: number, host: Host): AsyncGenerator<Labelled> {
  const column = dataset.labelColumns[0] ?? fail(dataset.name, 'has no labels');
  if (dataset.size === 0) fail(dataset.name, 'is empty');
  for (let left = count; left > 0; ) {
    for await (const { name, labels, content } of dataset.samples()) {
      if (left-- <= 0) return;
      yield {
        name,
        label: labels[column],
        picture: async () => pictureOf(await content(), name, host.images.decode),
      };
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
