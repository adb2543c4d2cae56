import { LimnError } from '../../common/error.ts';
import type { DataSummary, NamedLabel } from '../batch.ts';
import type { BatchRecipe } from './assemble.node.ts';
import { recordIndex } from './order.ts';
import type { Records } from './records.node.ts';

/** Labels of a database that are looked at, evenly spread: each needs its whole record read. */
const sampled = 100;

/** Looks at the labels of a data layer. What cannot be read is left out: that shows with its batch. */
export async function summaryOf({ source, label }: BatchRecipe, records: Records): Promise<DataSummary> {
  const labels: NamedLabel[] = [];
  const looked =
    label === undefined ? 0 : source.kind === 'list' ? records.size : Math.min(sampled, records.size);
  for (let i = 0; i < looked; i++) {
    try {
      labels.push(await records.label(Math.floor((i * records.size) / looked)));
    } catch (error) {
      if (!(error instanceof LimnError)) throw error;
    }
  }
  return { source: source.file, pictures: records.size, labels };
}

/** What errors call the picture at a position of a layer's stream. */
export function pictureNames({ source, order }: BatchRecipe): (position: number) => string {
  const indexAt = recordIndex(order);
  return (position) => {
    const index = indexAt(position);
    return `${source.file}, ${source.kind === 'list' ? source.paths[index] : `entry ${index}`}`;
  };
}
