import { type Description, summary } from '../../attribution/index.ts';
import { failRequest } from '../../common/error.ts';
import { parseVersioned } from '../../common/versioned.ts';
import { field, words } from '../../common/words.ts';
import type { LoadedModel } from '../../onnx/index.ts';
import type { FaceRecord } from '../faces/table.ts';
import type { Host } from '../host.ts';
import { type PreprocessingRecord, preprocessingRecord } from '../model.ts';
import { numbered, stems } from '../photos.ts';
import type { FailedItem } from '../verb.ts';
import type { ExplanationReading } from './reading.ts';

/** The file that tells of a folder of explanations. */
export const RECORD_FILE = 'explain.json';

/** What was written of one explained photo: paths. */
export interface ExplanationFiles {
  readonly figure?: string | undefined;
  readonly heatmap: string;
  /** The heatmap over the whole photo, if a face in it is explained. */
  readonly photo?: string | undefined;
  /** Raw relevance as `.npy`; of a prepared batch the file of all its images. */
  readonly relevance?: string | undefined;
  /** The same at the layers asked for, by the layer's name. */
  readonly layers?: Readonly<Record<string, string>> | undefined;
  /** Raw relevance as the LRP Toolbox's text. */
  readonly rawhm?: string | undefined;
  /** The ten best classes by index, each with its value, as the LRP Toolbox's text. */
  readonly top10scores?: string | undefined;
  /** What the network saw, as the LRP Toolbox names it. */
  readonly asInput?: string | undefined;
}

/** One explained photo in the record. */
export interface PhotoRecord extends ExplanationReading {
  readonly photo: string;
  /** Where the face is, if faces were asked about. */
  readonly face?: FaceRecord | undefined;
  /** What people should know of how it was prepared, in sentences without a stop. */
  readonly remarks?: readonly string[] | undefined;
  /** The value at the ends of the colours. */
  readonly limit: number;
  readonly files: ExplanationFiles;
}

/** A photo that could not be explained. */
export interface FailedPhotoRecord {
  readonly photo: string;
  readonly error: string;
}

/** Everything that one call explained, and how: the content of `explain.json`. */
export interface ExplainRecord {
  readonly format: 'limn explain 1';
  readonly model: {
    readonly path: string;
    readonly sha256: string;
    readonly network: string;
    readonly provenance: Readonly<Record<string, string>>;
  };
  readonly preprocessing?: PreprocessingRecord | undefined;
  /** How photos were explained; absent where none could be. */
  readonly explanation?: (Description & { readonly summary: string }) | undefined;
  readonly drawing: DrawingRecord;
  readonly versions: Readonly<Record<string, string>>;
  readonly photos: readonly (PhotoRecord | FailedPhotoRecord)[];
}

/** How relevance became pictures. */
export interface DrawingRecord {
  readonly colors: string;
  readonly pooling: string;
  readonly scale: 'max' | { readonly percentile: number } | { readonly limit: number };
  readonly sharedScale: boolean;
}

export function recordOf(
  { model, path, sha256 }: Pick<LoadedModel, 'model' | 'path'> & { readonly sha256: string },
  description: Description | undefined,
  drawing: DrawingRecord,
  photos: readonly (PhotoRecord | FailedItem)[],
  { versions }: Pick<Host, 'versions'>,
): ExplainRecord {
  const { preprocessing, provenance } = model.info;
  return {
    format: 'limn explain 1',
    model: { path, sha256, network: model.graph.name, provenance },
    preprocessing: preprocessing && preprocessingRecord(preprocessing),
    explanation: description && { summary: summary(description), ...description },
    drawing,
    versions,
    photos: photos.map((each) => ('item' in each ? { photo: each.item, error: each.error } : each)),
  };
}

/** What `explain.json` holds. */
export const explainRecordText = (record: ExplainRecord): string => `${JSON.stringify(record, null, 2)}\n`;

/**
 * Names of what is made of photos, or of their faces: `party_face2` where a photo has several. With a folder to `mirror`, paths
 * from there on. Errors: a photo that does not lie under it.
 */
export function explainedStems(
  subjects: readonly { readonly item: string; readonly face?: FaceRecord | undefined }[],
  host: Host,
  mirror?: string,
): string[] {
  const paths = subjects.map(({ item, face }) =>
    face && item !== face.photo ? `${face.photo.replace(/\.[^./\\]*$/, '')}_face${face.face}.png` : item,
  );
  if (mirror === undefined) return stems(paths, host);
  return numbered(paths.map((path) => mirrored(path, mirror)));
}

const partsOf = (path: string): string[] =>
  path.split(/[/\\]+/).filter((part) => part !== '' && part !== '.');

/** A photo's path from a folder on its way on. */
function mirrored(path: string, folder: string): string {
  const [parts, wanted] = [partsOf(path), partsOf(folder)];
  const at = parts.findIndex((_, i) => wanted.every((part, k) => parts[i + k] === part));
  const inner = at < 0 ? [] : parts.slice(at);
  if (inner.length <= wanted.length || inner.includes('..')) {
    const fix = 'name a folder that is on the way to every photo';
    failRequest(words`${field('mirror')}`, `${path} does not lie under '${folder}'`, fix);
  }
  return inner.join('/');
}

/** How the name of a file goes on behind that of its photo; undefined where it is not called as the photo. */
export function endingOf(path: string, name: string, { files }: Host): string | undefined {
  const [file, start] = [path, name].map((each) => files.basename(each));
  return file.startsWith(start) ? file.slice(start.length) : undefined;
}

/** Reads what `explain.json` holds. Errors: it is none, or of another version. */
export const parseExplainRecord = (text: string, path: string): ExplainRecord =>
  parseVersioned(text, path, {
    format: 'limn explain 1',
    what: 'a record of explanations',
    fix: 'give a folder that explain wrote',
  }) as ExplainRecord;

/** All that was made of a photo, elsewhere, in the same order. */
export function movedFiles(made: ExplanationFiles, moved: (path: string) => string): ExplanationFiles {
  type Made = ExplanationFiles[keyof ExplanationFiles];
  const movedEach = (paths: Readonly<Record<string, string>>) =>
    Object.fromEntries(Object.entries(paths).map(([layer, path]) => [layer, moved(path)]));
  const entries: [string, Made][] = Object.entries(made);
  return Object.fromEntries(
    entries.map(([kind, path]): [string, Made] => [
      kind,
      typeof path === 'string' ? moved(path) : path && movedEach(path),
    ]),
  ) as unknown as ExplanationFiles;
}
