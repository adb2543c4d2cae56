import { fail } from '../common/error.ts';
import { count } from '../common/format.ts';
import { nearest } from '../common/nearest.ts';
import { quoted } from '../common/quoted.ts';
import { toldByKind } from '../common/refusals.ts';
import type { Words } from '../common/words.ts';
import { foreignType } from './forks.ts';
import type { LayerParameter } from './generated/caffe_pb.ts';
import { positionOf } from './position.ts';
import { whereOf } from './where.ts';

/** What can be done about a layer that reads data in its own way. */
export const ownData = 'put Data or ImageData in its place, or an Input layer with its shape';

/** Says of all layers whose types are not read where they stand; of one alone what is known of it, and what can be done. */
export function failTypes(
  layers: readonly [LayerParameter, ...LayerParameter[]],
  known: readonly string[],
  file: string,
  data: Words = ownData,
): never {
  const [first] = layers;
  if (layers.length === 1) failType(first, known, file, data);
  const { told } = toldByKind(layers, {
    kind: ({ type }) => type || 'no type',
    place(layer) {
      const position = positionOf(layer);
      return `${quoted(layer.name)}${position ? ` at line ${position.line}` : ''}`;
    },
    noun: 'layer',
    hint(type) {
      const near = nearest(type, known);
      return near && `did you mean ${near}?`;
    },
  });
  const isData = layers.every(({ bottom, top }) => bottom.length === 0 && top.length > 0);
  return fail(
    file,
    `${count(layers.length)} layers have types that are not supported: ${told}`,
    isData ? data : 'put layers of Caffe in their place; limn has those of the reference of networks',
  );
}

/** Says of a layer type that is not read what is known of it, and what can be done. */
function failType(
  layer: LayerParameter,
  known: readonly string[],
  file: string,
  data: Words = ownData,
): never {
  const { type, pythonParam: python } = layer;
  const where = whereOf(layer, file);
  if (type === 'Python') {
    const code = python ? `'${python.layer}' of the module '${python.module}'` : 'of no module';
    if (layer.bottom.length > 0) {
      fail(
        where,
        `a layer written in Python, ${code}, which limn does not run`,
        'put layers of Caffe in its place',
      );
    }
    fail(where, `a data layer written in Python, ${code}, which limn does not run`, data);
  }
  if (type === '') fail(where, 'it has no type', 'give it one');
  const foreign = foreignType(type);
  if (foreign) fail(where, foreign.what, foreign.fix);
  const near = nearest(type, known);
  if (layer.bottom.length === 0 && layer.top.length > 0 && !near) {
    fail(where, `data cannot be read by a layer of type ${type}`, data);
  }
  const fix = near
    ? `did you mean ${near}?`
    : `known: ${(type.endsWith('Loss') ? known.filter((each) => each.endsWith('Loss')) : [...known]).sort().join(', ')}`;
  return fail(where, `layers of type ${type} are not supported`, fix);
}

/** Says of a bottom that no layer before makes what can be done. */
export function failMissing({ type, bottom }: LayerParameter, blob: string, where: string): never {
  const comparing = type === 'Accuracy' || type.endsWith('Loss');
  if (comparing && bottom.indexOf(blob) > 0) {
    const fix = `delete the ${type} layer, or let a data layer make '${blob}' in this phase`;
    fail(where, `it compares with '${blob}', which no layer before it makes`, fix);
  }
  return fail(
    where,
    `its bottom '${blob}' is made by no layer before it`,
    'check the spelling, and that a layer which makes it takes part in this phase',
  );
}
