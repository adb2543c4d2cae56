import { type ClusterReport, parseClusters } from '../../clusters/index.ts';
import { fail } from '../../common/error.ts';
import { readText } from '../../common/files.ts';
import { differences, type Identity } from '../../common/journal.ts';
import { field, words } from '../../common/words.ts';
import type { Host } from '../host.ts';
import type { MadeClusters } from './report.ts';
import type { ClustersFields } from './request.ts';

/** What a report says of itself before anything is computed. */
export type ClusterIdentity = MadeClusters['identity'];

/** Fields that change no number. */
const elsewhere = new Set<string>([
  'model',
  'data',
  'heatmaps',
  'output',
  'images',
  'restart',
  'skipBad',
  'threads',
  'provider',
  'batch',
]);

/** The settings that the numbers follow from. */
export const clusterSettings = (fields: ClustersFields): ClusterReport['settings'] =>
  Object.fromEntries(
    Object.entries(fields).flatMap(([key, value]) => {
      if (value === undefined || elsewhere.has(key)) return [];
      if (Array.isArray(value)) return [[key, value.join(' ')]];
      return [[key, typeof value === 'object' ? JSON.stringify(value) : value]];
    }),
  );

/** What must be equal for work to go on, or to be taken as done. */
export const clusterWork = ({ model, data, settings }: ClusterIdentity): Identity => ({
  ...(model && { model: model.sha256, head: model.head }),
  data: data.sha256,
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
});

/** The same clusters, if the folder holds them. Errors: it holds others. */
export async function finishedClusters(
  path: string,
  identity: ClusterIdentity,
  { files }: Host,
): Promise<ClusterReport | undefined> {
  if (!(await files.kindOf(path))) return undefined;
  const found = parseClusters(await readText(files, path, 'a report on clusters'), path);
  const other = differences(clusterWork(found), clusterWork(identity));
  if (other.length === 0) return found;
  return fail(
    path,
    ['holds clusters with another ', ...other],
    words`give another ${field('output')}, or replace it with ${field('restart')}`,
  );
}
