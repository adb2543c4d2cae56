import { ordered } from '../../common/ordered.ts';
import { type Closable, opening } from '../../common/scope.ts';
import { float32, type Tensor, tensor } from '../../graph/tensor.ts';
import type { Batch } from '../batch.ts';
import { type RecordOrder, recordIndex } from './order.ts';
import { openRecords, type RecordSource } from './records.node.ts';
import { checkPlanes, type Transform, writeView } from './transform.ts';
import { type ViewRule, viewAt } from './view.ts';

/** Everything that the batches of one data layer follow from. Plain data, so that it travels to threads. */
export interface BatchRecipe {
  readonly data: string;
  readonly label: string | undefined;
  readonly batchSize: number;
  /** C×H×W of what the network gets. */
  readonly shape: readonly number[];
  readonly source: RecordSource;
  readonly order: RecordOrder;
  readonly view: ViewRule;
  readonly transform: Transform;
}

/** Makes batches, any of them at any time. */
export interface Assembler {
  /** The batch `k` of all layers, in the memory of a `spare` one where it is given. Errors name the picture. */
  batch(k: number, spare?: Batch): Promise<Batch>;
  close(): Promise<void>;
}

/** Pictures of a batch that are read and decoded at once: as many as Node has threads for it. */
const atOnce = 4;

/** Opens the files of some data layers. Errors: they cannot be opened; none is left open then. */
export async function openAssembler(recipes: readonly BatchRecipe[]): Promise<Assembler> {
  const { opened: layers, close } = await opening(async (own) => {
    const opened: Layer[] = [];
    for (const recipe of recipes) opened.push(own(await openLayer(recipe)));
    return opened;
  });
  return {
    async batch(k, spare) {
      const all: Record<string, Tensor> = {};
      for (const { make } of layers) Object.assign(all, await make(k, spare));
      return all;
    },
    close,
  };
}

type Layer = Closable & { make(k: number, spare: Batch | undefined): Promise<Batch> };

async function openLayer(recipe: BatchRecipe): Promise<Layer> {
  const { data, label, batchSize, shape, order, view, transform } = recipe;
  const records = await openRecords(recipe.source);
  const indexAt = recordIndex(order);
  const each = shape.reduce((product, n) => product * n);
  const make = async (k: number, spare: Batch | undefined): Promise<Batch> => {
    const used = spare?.[data]?.data;
    // Every number is written: what a spare one held does not matter.
    const pictures =
      used instanceof Float32Array && used.length === batchSize * each
        ? used
        : new Float32Array(batchSize * each);
    const labels = new BigInt64Array(batchSize);
    const positions = Array.from({ length: batchSize }, (_, j) => k * batchSize + j);
    let j = 0;
    for await (const picture of ordered(positions, (p) => records.record(indexAt(p)), atOnce)) {
      const { planes, name } = picture;
      checkPlanes(planes, transform, view.crop, shape, name);
      const seen = viewAt(view, planes, order.seed, order.stream, positions[j]);
      writeView(planes, seen, transform, pictures, j * each);
      labels[j++] = BigInt(picture.label);
    }
    return {
      [data]: float32([batchSize, ...shape], pictures),
      ...(label !== undefined && { [label]: tensor('int64', [batchSize], labels) }),
    };
  };
  return { make, close: records.close };
}
