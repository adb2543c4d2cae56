import type { DataType } from '../../graph/index.ts';
import type { Operator } from '../operator.ts';
import type { Site } from '../site.ts';
import { map, one } from '../value.ts';

/** ONNX's numbers of the types that limn computes in. */
const types: Readonly<Record<number, DataType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  9: 'bool',
  11: 'float64',
};

/** The elements in another type. A gradient passes between floats. */
export const cast: Operator = {
  op: 'Cast',
  shapes: (site) => [site.shape(0)],
  types: (site) => [typeOf(site)],
  role: () => ({ kind: 'movement' }),
  keeps: 'all',
  nonNegative: (site, known) => known(site.input(0)),
  evaluate(site, [x]) {
    const type = typeOf(site);
    const isFloat = type === 'float32' || type === 'float64';
    const whole = (value: number) => (type === 'bool' ? Number(value !== 0) : Math.trunc(value));
    return one(x && map(x, (value) => (typeof value === 'number' && !isFloat ? whole(value) : value)));
  },
  vjp: (_, site, [dy]) => (isFloat(site.type(0)) && isFloat(typeOf(site)) ? dy : undefined),
};

const isFloat = (type: DataType): boolean => type === 'float32' || type === 'float64';

const typeOf = (site: Site): DataType =>
  types[site.int('to')] ?? site.fail(`elements of type number ${site.int('to')} are not supported`);
