import { float } from '../../graph/index.ts';
import type { Converter } from './converter.ts';

export const relu: Converter = (c) => {
  const slope = c.layer.reluParam?.negativeSlope ?? 0;
  if (slope === 0) c.result('Relu', [c.bottoms[0].value]);
  else c.result('LeakyRelu', [c.bottoms[0].value], { alpha: float(slope) });
};

/** At test time dropout does nothing; the node stays, so that the layer keeps its name. */
export const dropout: Converter = (c) => c.result('Dropout', [c.bottoms[0].value]);
