import { float32 } from '../../graph/index.ts';
import { LRNParameter_NormRegion } from '../generated/caffe_pb.ts';
import { type Exportation, type ExportedLayer, type Exporter, reshapedTo } from './exporter.ts';

export const lrn: Exporter = (e) => {
  const { site } = e;
  const localSize = site.int('size');
  if (localSize % 2 === 0) e.fail(`its size ${localSize} is even`);
  const [alpha, beta, k] = [site.float('alpha', 1e-4), site.float('beta', 0.75), site.float('bias', 1)];
  return e.layer({
    type: 'LRN',
    bottoms: [site.input(0)],
    param: { lrnParam: { localSize, alpha, beta, ...(k !== 1 && { k }) } },
  });
};

/** Normalisation within channels, from the importer's helpers; undefined if the node is nothing of the kind. */
export function lrnWithinChannel(e: Exportation): ExportedLayer | undefined {
  const [x, factor] = e.node.inputs;
  const power = e.helper(factor, 'power', 'Pow');
  const scale = power && e.helper(power.inputs[0], 'scale', 'Add');
  const weighted = scale && e.helper(scale.inputs[0], 'weighted', 'Mul');
  const average = weighted && e.helper(weighted.inputs[0], 'average', 'AveragePool');
  if (!average || !e.helper(average.inputs[0], 'square', 'Mul')) return undefined;
  const [localSize] = e.site.like(average).ints('kernel_shape');
  const [alpha, exponent] = [e.scalar(weighted.inputs[1])!, e.scalar(power.inputs[1])!];
  const normRegion = LRNParameter_NormRegion.WITHIN_CHANNEL;
  return e.layer({
    type: 'LRN',
    bottoms: [x],
    param: { lrnParam: { localSize, alpha, beta: -exponent, normRegion } },
  });
}

/** SSD's Normalize, from the importer's helpers; undefined if the node is nothing of the kind. */
export function normalize(e: Exportation): ExportedLayer | undefined {
  const [value, weight] = e.node.inputs;
  const normalised = e.helper(value, 'normalised', 'Div');
  const scale = normalised && e.constant(weight);
  const norm = scale && e.helper(normalised.inputs[1], 'norm', 'Sqrt');
  const shifted = norm && e.helper(norm.inputs[0], 'shifted', 'Add');
  const sum = shifted && e.helper(shifted.inputs[0], 'sum', 'ReduceSum');
  if (!sum || !e.helper(sum.inputs[0], 'square', 'Mul')) return undefined;
  const [x] = normalised.inputs;
  const acrossSpatial = e.site.like(sum).constants(1).length > 1;
  const channelShared = scale.shape.length === 1 && scale.data.length === 1;
  return e.layer({
    type: 'Normalize',
    bottoms: [x],
    param: { normParam: { acrossSpatial, channelShared, eps: e.scalar(shifted.inputs[1])! } },
    blobs: [reshapedTo(channelShared ? [] : [scale.shape[0]], scale)],
  });
}

/** Mean and variance normalisation, from the importer's helpers; undefined if the node is nothing of the kind. */
export function mvn(e: Exportation): ExportedLayer | undefined {
  const [first, second] = e.node.inputs;
  const shifted = e.node.op === 'Div' ? e.helper(second, 'shifted', 'Add') : undefined;
  const deviation = shifted && e.helper(shifted.inputs[0], 'deviation', 'Sqrt');
  const variance = deviation && e.helper(deviation.inputs[0], 'variance', 'ReduceMean');
  if (variance && !e.helper(variance.inputs[0], 'square', 'Mul')) return undefined;
  const centred = variance ? e.helper(first, 'centred', 'Sub') : e.node.op === 'Sub' ? e.node : undefined;
  const mean = centred && e.helper(centred.inputs[1], 'mean', 'ReduceMean');
  if (!mean) return undefined;
  const eps = shifted && e.scalar(shifted.inputs[1]);
  const acrossChannels = e.site.like(mean).constants(1).includes(1);
  const mvnParam = {
    normalizeVariance: shifted !== undefined,
    acrossChannels,
    ...(eps !== undefined && { eps }),
  };
  return e.layer({ type: 'MVN', bottoms: [centred.inputs[0]], param: { mvnParam } });
}

/** BatchNorm, and a Scale behind it where it also scales or shifts. */
export const batchNormalization: Exporter = (e) => {
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => e.weights(i));
  const plain = scale.data.every((v) => v === 1) && bias.data.every((v) => v === 0);
  const { name, outputs } = e.node;
  const between = `${name}/normalised`;
  const normalised = e.layer({
    type: 'BatchNorm',
    bottoms: [e.site.input(0)],
    param: { batchNormParam: { eps: e.site.float('epsilon', 1e-5) } },
    blobs: [mean, variance, float32([1], [1])],
    ...(!plain && { tops: [between] }),
  });
  if (plain) return normalised;
  const scaled = e.layer({
    name: `${name}/scale`,
    type: 'Scale',
    bottoms: [between],
    tops: [outputs[0]],
    param: { scaleParam: { biasTerm: true } },
    blobs: [scale, bias],
  });
  return [normalised, scaled];
};
