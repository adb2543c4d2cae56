import type { Identity } from './journal.ts';

/* What the reports on an analysis of photos (faithfulness, clusters, concepts) say of what was analysed. */

/** The model: its file, that file's hash, the network's name and the output's. */
export interface AnalysedModel {
  readonly file: string;
  readonly sha256: string;
  readonly network: string;
  readonly head: string;
}

/** The photos. */
export interface AnalysedData {
  readonly source: string;
  /** Of the photos' names. */
  readonly sha256: string;
  readonly photos: number;
  readonly skipped: readonly { readonly photo: string; readonly error: string }[];
}

/** What a report says of itself before anything is computed. */
export interface AnalysisHead {
  /** Absent where limn did not make the heatmaps. */
  readonly model?: AnalysedModel | undefined;
  readonly data: AnalysedData;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** What must be equal for an analysis to go on, or to be taken as done. */
export const analysisIdentity = ({ model, data, settings }: Omit<AnalysisHead, 'versions'>): Identity => ({
  ...(model && { model: model.sha256, head: model.head }),
  data: data.sha256,
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
});

/** Settings as a report has them, without those that are not given. */
export const givenSettings = <T>(settings: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
