import { type ClusterReport, parseClusters } from '../../clusters/index.ts';
import { type AnalysisHead, analysisIdentity, givenSettings } from '../../common/analysed.ts';
import type { ResultReader } from '../kept.ts';
import type { ClustersFields } from './request.ts';

/** What a report says of itself before anything is computed. */
export type ClusterIdentity = AnalysisHead;

/** Fields that change no number. */
const elsewhere = new Set<string>([
  'parquet',
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
  givenSettings(
    Object.fromEntries(
      Object.entries(fields).flatMap(([key, value]) => {
        if (elsewhere.has(key)) return [];
        if (Array.isArray(value)) return [[key, value.join(' ')]];
        return [[key, typeof value === 'object' ? JSON.stringify(value) : value]];
      }),
    ),
  );

export const clusterReports: ResultReader<ClusterReport> = {
  what: 'a report on clusters',
  holds: 'clusters',
  read: parseClusters,
  identityOf: analysisIdentity,
};
