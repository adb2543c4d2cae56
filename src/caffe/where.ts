import type { LayerParameter } from './generated/caffe_pb.ts';
import { place, positionOf } from './position.ts';

/** Where a layer stands, for errors: `file:line:column: layer 'name'`. */
export function whereOf(layer: LayerParameter, file: string): string {
  const position = positionOf(layer);
  return `${position ? place(position) : file}: layer '${layer.name}'`;
}
