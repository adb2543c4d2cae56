import { type DataTypes, size, type Tensor } from './tensor.ts';

/*
 * Large weights stay in their file until somebody asks for their numbers, and are let go again when nobody holds them:
 * ONNX Runtime maps them from there by itself, and most of what limn does to a network never looks at them.
 */

/** Where a tensor's numbers stand in a file, little-endian, as they lie in memory. */
export interface FilePlace {
  readonly path: string;
  readonly offset: number;
  /** In bytes. */
  readonly length: number;
  /** Tells the file from any other, and from itself when it was written anew. */
  readonly identity: string;
}

type Stored = keyof Pick<DataTypes, 'float32'>;

interface Source<T extends Stored> {
  readonly place: FilePlace;
  /** So many elements from one on. Errors: the file is not what it was. */
  readonly read: (from: number, count: number) => DataTypes[T];
}

const sources = new WeakMap<Tensor, Source<Stored>>();

/**
 * A tensor whose data is read when it is asked for, and again when it was let go meanwhile. A copy of it (`{ ...tensor }`)
 * holds the data itself.
 */
export function storedTensor(shape: readonly number[], source: Source<'float32'>): Tensor<'float32'> {
  let held: WeakRef<Float32Array> | undefined;
  const tensor: Tensor<'float32'> = {
    type: 'float32',
    shape,
    get data() {
      const known = held?.deref();
      if (known) return known;
      const data = source.read(0, size(shape));
      held = new WeakRef(data);
      return data;
    },
  };
  sources.set(tensor, source);
  return tensor;
}

/** Where a tensor's numbers stand in a file; undefined of one that lies in memory. */
export const placeOf = (tensor: Tensor): FilePlace | undefined => sources.get(tensor)?.place;

/** The size of a tensor's numbers, which are not read for it. */
export const byteLengthOf = (tensor: Tensor): number => placeOf(tensor)?.length ?? tensor.data.byteLength;

/** How many elements, which are not read for it. */
export const countOf = (tensor: Tensor): number =>
  sources.has(tensor) ? size(tensor.shape) : tensor.data.length;

/** Elements of a part of {@link dataParts}: 4 MiB of them. */
const partLength = 2 ** 20;

/** A tensor's numbers in parts, of which one at a time need be in memory; all in one where they are there already. */
export function* dataParts(tensor: Tensor): Generator<Tensor['data'], void> {
  const source = sources.get(tensor);
  if (!source) {
    yield tensor.data;
    return;
  }
  const count = size(tensor.shape);
  for (let from = 0; from < count; from += partLength)
    yield source.read(from, Math.min(partLength, count - from));
}
