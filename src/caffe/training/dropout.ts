import { fail } from '../../common/error.ts';
import { dropout as identity } from '../layers/activation.ts';
import type { Converter } from '../layers/converter.ts';
import type { TrainingRecord } from './record.ts';

/** In training x times a mask, which is an input; in tests x. */
export const dropout =
  (record: TrainingRecord): Converter =>
  (c) => {
    const ratio = c.layer.dropoutParam?.dropoutRatio ?? 0.5;
    if (!(ratio >= 0 && ratio < 1))
      fail(c.where, `dropout_ratio ${ratio} must be at least 0 and less than 1`);
    if (record.phase === 'test' || ratio === 0) return identity(c);
    const [{ value, shape }] = c.bottoms;
    const name = c.input({ name: `mask:${c.layer.name}`, type: 'float32', shape });
    record.masks.push({ name, ratio });
    c.result('Mul', [value, name]);
  };
