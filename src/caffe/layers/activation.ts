import { fail } from '../../common/error.ts';
import { float } from '../../graph/index.ts';
import { blobAxis, fixedDims } from './axes.ts';
import type { Converter } from './converter.ts';

export const relu: Converter = (c) => {
  const slope = c.layer.reluParam?.negativeSlope ?? 0;
  if (slope === 0) c.result('Relu', [c.bottoms[0].value]);
  else c.result('LeakyRelu', [c.bottoms[0].value], { alpha: float(slope) });
};

/** y = max(0, x) + slope·min(0, x), one slope per channel or one for all. */
export const prelu: Converter = (c) => {
  const [{ value, shape }] = c.bottoms;
  if (c.layer.preluParam?.channelShared) return c.result('PRelu', [value, c.weight(0, 'slope', [], [1])]);
  const [channels] = fixedDims(c.where, shape, blobAxis(c.where, 1, shape.length), 1);
  const broadcast = [channels, ...shape.slice(2).map(() => 1)];
  c.result('PRelu', [value, c.weight(0, 'slope', [channels], broadcast)]);
};

export const elu: Converter = (c) =>
  c.result('Elu', [c.bottoms[0].value], { alpha: float(c.layer.eluParam?.alpha ?? 1) });

export const sigmoid: Converter = (c) => c.result('Sigmoid', [c.bottoms[0].value]);

export const tanh: Converter = (c) => c.result('Tanh', [c.bottoms[0].value]);

export const absVal: Converter = (c) => c.result('Abs', [c.bottoms[0].value]);

export const clip: Converter = (c) => {
  const p = c.layer.clipParam ?? fail(c.where, 'clip_param is missing');
  c.result('Clip', [c.bottoms[0].value, c.scalar('min', p.min), c.scalar('max', p.max)]);
};

/** y = log(1 + eˣ). */
export const bnll: Converter = (c) => c.result('Softplus', [c.bottoms[0].value]);

/** 1 where x lies above the threshold, otherwise 0. */
export const threshold: Converter = (c) => {
  const limit = c.scalar('threshold', c.layer.thresholdParam?.threshold ?? 0);
  const above = c.step('above', 'Greater', [c.bottoms[0].value, limit]).value;
  c.result('Cast', [above], { to: 1 });
};

/** What MobileNets call ReLU6: x clipped to 0…6. */
export const relu6: Converter = (c) =>
  c.result('Clip', [c.bottoms[0].value, c.scalar('min', 0), c.scalar('max', 6)]);

/** y = x·sigmoid(beta·x). */
export const swish: Converter = (c) => {
  const [{ value }] = c.bottoms;
  const beta = c.layer.swishParam?.beta ?? 1;
  const scaled = beta === 1 ? value : c.step('scaled', 'Mul', [value, c.scalar('beta', beta)]).value;
  c.result('Mul', [value, c.step('sigmoid', 'Sigmoid', [scaled]).value]);
};

/** At test time dropout does nothing; the node stays, so that the layer keeps its name. */
export const dropout: Converter = (c) => c.result('Dropout', [c.bottoms[0].value]);
