import type { MessageInitShape } from '@bufbuild/protobuf';
import { size } from '../../graph/index.ts';
import type { LayerParameterSchema } from '../generated/caffe_pb.ts';
import { type Exportation, type Exporter, reshapedTo } from './exporter.ts';

type Param = MessageInitShape<typeof LayerParameterSchema>;

/** A function of each element of the first input. */
const elementwise =
  (type: string, param?: (e: Exportation) => Param): Exporter =>
  (e) =>
    e.layer({ type, bottoms: [e.site.input(0)], ...(param && { param: param(e) }) });

export const relu = elementwise('ReLU');
export const leakyRelu = elementwise('ReLU', (e) => ({
  reluParam: { negativeSlope: e.site.float('alpha', 0.01) },
}));
export const elu = elementwise('ELU', (e) => ({ eluParam: { alpha: e.site.float('alpha', 1) } }));
export const sigmoid = elementwise('Sigmoid');
export const softplus = elementwise('BNLL');
export const tanh = elementwise('TanH');
export const abs = elementwise('AbsVal');
export const dropout = elementwise('Dropout');
export const sqrt = elementwise('Power', () => ({ powerParam: { power: 0.5 } }));
export const neg = elementwise('Power', () => ({ powerParam: { scale: -1 } }));

export const softmax = elementwise('Softmax', (e) => {
  const given = e.site.int('axis', -1);
  const axis = given < 0 ? given + e.site.shape(0).length : given;
  return axis === 1 ? {} : { softmaxParam: { axis } };
});

/** A comparison with a constant (helper `above`), as a number. */
export const cast: Exporter = (e) => {
  const above = e.helper(e.site.input(0), 'above', 'Greater') ?? e.fail('Caffe has one type of numbers only');
  const threshold = e.scalar(above.inputs[1]) ?? e.fail('its threshold must be a constant scalar');
  return e.layer({ type: 'Threshold', bottoms: [above.inputs[0]], param: { thresholdParam: { threshold } } });
};

export const clip = elementwise('Clip', (e) => {
  const bound = (i: number, otherwise: number) => {
    if (!e.site.has(i)) return otherwise;
    return e.scalar(e.site.input(i)) ?? e.fail('its bounds must be constant scalars');
  };
  const most = Math.fround(3.4028234663852886e38);
  return { clipParam: { min: bound(1, -most), max: bound(2, most) } };
});

export const prelu: Exporter = (e) => {
  const slope = e.weights(1);
  const shared = size(slope.shape) === 1;
  const channels = e.site.shape(0)[1];
  const behind = e.site.shape(0).length - 2;
  const perChannel = slope.shape.at(-1 - behind) === channels && size(slope.shape) === channels;
  if (!shared && !perChannel) e.fail(`its slopes [${slope.shape}] are not one per channel`);
  // One channel has one slope either way; how it was meant shows in its rank.
  const all = shared && slope.shape.length <= 1 && !(behind === 0 && perChannel);
  return e.layer({
    type: 'PReLU',
    bottoms: [e.site.input(0)],
    ...(all && { param: { preluParam: { channelShared: true } } }),
    blobs: [reshapedTo(all ? [] : [size(slope.shape)], slope)],
  });
};
