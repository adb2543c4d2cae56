import type { LayerType } from '../layers/converter.ts';
import { converters } from '../layers/table.ts';
import { batchNorm, bn } from './batchnorm.ts';
import { dropout } from './dropout.ts';
import { accuracy, euclideanLoss, hingeLoss, sigmoidCrossEntropyLoss, softmaxWithLoss } from './loss.ts';
import type { TrainingRecord } from './record.ts';

const any: readonly [number, number] = [1, Number.POSITIVE_INFINITY];
const pair = [2, 2] as const;

/** Layers that swallow their bottoms: these are no outputs of the network then, and nothing is computed. */
export const swallowing: ReadonlySet<string> = new Set([
  'ArgMax',
  'ConfusionMatrix',
  'HDF5Output',
  'Silence',
]);

/** The layer types in training: those of a network that classifies, but for what they do with a batch and with labels. */
export function trainingTypes(record: TrainingRecord): ReadonlyMap<string, LayerType> {
  const swallow: LayerType = { convert: () => {}, bottoms: any, tops: [0, 0] };
  const own: Readonly<Record<string, LayerType>> = {
    Accuracy: { convert: accuracy(record), bottoms: pair },
    BN: { convert: bn(record) },
    BatchNorm: { convert: batchNorm(record) },
    Dropout: { convert: dropout(record) },
    EuclideanLoss: { convert: euclideanLoss(record), bottoms: pair },
    HingeLoss: { convert: hingeLoss(record), bottoms: pair },
    SigmoidCrossEntropyLoss: { convert: sigmoidCrossEntropyLoss(record), bottoms: pair, tops: [1, 2] },
    SoftmaxWithLoss: { convert: softmaxWithLoss(record), bottoms: pair, tops: [1, 2] },
    ...Object.fromEntries([...swallowing].map((type) => [type, swallow])),
  };
  const all: [string, LayerType][] = [...converters, ...Object.entries(own)];
  return new Map(all.map(([type, layerType]) => [type, stopping(layerType)]));
}

/** With `propagate_down: false`, no gradient passes to that bottom. */
const stopping = (type: LayerType): LayerType => ({
  ...type,
  convert(c) {
    const stopped = c.bottoms.map((bottom, i) =>
      c.layer.propagateDown[i] === false ? c.step(`stop${i}`, 'limn.Stop', [bottom.value]) : bottom,
    );
    type.convert({ ...c, bottoms: stopped });
  },
});
