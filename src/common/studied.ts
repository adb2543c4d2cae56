import type { Identity } from './journal.ts';

/* What the reports on a study of photos (faithfulness, clusters, concepts) say of what was studied. */

/** The model: its file, that file's hash, the network's name and the output's. */
export interface StudiedModel {
  readonly file: string;
  readonly sha256: string;
  readonly network: string;
  readonly head: string;
}

/** The photos. */
export interface StudiedData {
  readonly source: string;
  /** Of the photos' names. */
  readonly sha256: string;
  readonly photos: number;
  readonly skipped: readonly { readonly photo: string; readonly error: string }[];
}

/** What a report says of itself before anything is computed. */
export interface StudyHead {
  /** Absent where limn did not make the heatmaps. */
  readonly model?: StudiedModel | undefined;
  readonly data: StudiedData;
  readonly settings: Readonly<Record<string, string | number | boolean>>;
  readonly versions: Readonly<Record<string, string>>;
}

/** What must be equal for a study to go on, or to be taken as done. */
export const studyIdentity = ({ model, data, settings }: Omit<StudyHead, 'versions'>): Identity => ({
  ...(model && { model: model.sha256, head: model.head }),
  data: data.sha256,
  ...Object.fromEntries(Object.entries(settings).map(([key, value]) => [key, String(value)])),
});

/** Settings as a report has them, without those that are not given. */
export const givenSettings = <T>(settings: Readonly<Record<string, T | undefined>>): Record<string, T> =>
  Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => (value === undefined ? [] : [[key, value]])),
  );
