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
