import { type Features, LEAST_ROWS, normaliseRows, part, rowsAt } from '../../clusters/index.ts';
import { failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import { GraphBuilder } from '../../graph/index.ts';
import type { Host } from '../host.ts';
import type { Watch } from '../verb.ts';
import type { Collected } from './collected.ts';
import type { ClusterIdentity } from './identity.ts';
import type { MadeClusters, PartedClass } from './report.ts';
import type { ClustersFields } from './request.ts';
import type { ClustersEvent } from './result.ts';

/** Parts the photos of each class that has enough of them, unless their heatmaps are all the same. Errors: as many clusters asked for as a class has photos, or more. */
export async function partClasses(
  identity: ClusterIdentity,
  collected: Collected,
  fields: ClustersFields,
  host: Host,
  { on, signal }: Watch<ClustersEvent>,
): Promise<MadeClusters> {
  const { photos, features } = collected;
  const places = new Map<string, number[]>();
  photos.forEach(({ class: name }, i) => {
    const own = places.get(name);
    if (own) own.push(i);
    else places.set(name, [i]);
  });
  const named = [...places].sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }));
  // Neighbours are no network's work: all threads go to one product at a time.
  const compute = await host.compute(new GraphBuilder('neighbours').build(), 1, fields);
  const { clustering: method, clusters: count, most, neighbours, weights, radius, views, seed } = fields;
  const classes: PartedClass[] = [];
  const same: { class: string; photos: number }[] = [];
  let first = 1;
  for (const [name, own] of named) {
    if (own.length < LEAST_ROWS) continue;
    if (count !== undefined && count >= own.length)
      failRequest(
        words`${field('clusters', `${count}`)}`,
        `class '${name}' has ${plural(own.length, 'photo')}`,
        'ask for fewer clusters',
      );
    const rows = normaliseRows(rowsAt(features, own), fields);
    // Which of many equals are nearest, only their order says: clusters of them would be made of nothing.
    if (areSame(rows)) {
      same.push({ class: name, photos: own.length });
      continue;
    }
    const parting = await part(
      rows,
      { method, clusters: count, most, neighbours, weights, radius, views, seed },
      compute.runtime,
      {
        session: compute.session,
        signal,
        onProgress: (done, total) =>
          on?.({ kind: 'progress', what: `heatmaps of ${name} compared`, done, total }),
      },
    );
    classes.push({ name, places: own, features: rows, parting, first });
    first += parting.labels.reduce((largest, label) => Math.max(largest, label), -1) + 1;
  }
  const small = named.flatMap(([name, own]) =>
    own.length < LEAST_ROWS ? [{ class: name, photos: own.length }] : [],
  );
  return { identity, collected, classes, small, same, fields };
}

/** Whether all rows are equal. */
const areSame = ({ columns, data }: Features): boolean =>
  data.every((value, i) => value === data[i % columns]);
