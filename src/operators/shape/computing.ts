import type { DataType, Shape } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import { isInteger } from '../shaping.ts';
import type { Site } from '../site.ts';

interface Computing extends Pick<Operator, 'evaluate' | 'ofShapes' | 'noInput'> {
  readonly shapes: (site: Site) => readonly Shape[];
  /** The type of the output; the first input's unless given. */
  readonly type?: (site: Site) => DataType;
}

/** An operator on shapes, positions and conditions: no gradient passes. Most are computed while a file is read. */
export const computing = (op: string, { type, ...more }: Computing): Operator => ({
  op,
  ...more,
  ...(type && { types: (site: Site) => site.node.outputs.map(() => type(site)) }),
  role: () => ({ kind: 'index' }),
  vjp: () => undefined,
});

/** The shape of the first input. Errors: floats that change with the network's input, whose gradient would be lost. */
export function constantShape(site: Site): Shape {
  if (!isInteger(site.type(0)) && site.type(0) !== 'bool' && !site.constant(0))
    site.fail('is supported on constants and on shapes only');
  return site.shape(0);
}
