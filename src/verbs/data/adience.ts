import { failRequest, forItem } from '../../common/error.ts';
import type { FileSystem } from '../../common/files.ts';
import { plural } from '../../common/format.ts';
import { field, words } from '../../common/words.ts';
import { AGE_LABELS, filesOf, pictureOf, type Sample, shuffled, writeFold } from '../../data/index.ts';
import { cutFace, type FaceFinder, placeFace, usualFind } from '../../faces/index.ts';
import { openPictures } from '../dataset.ts';
import { chosenFaces, noFace, openFinder } from '../faces/open.ts';
import type { Host } from '../host.ts';
import { type KeptItems, nothingKept, openKeptItems } from '../kept.ts';
import { checkRequest } from '../request.ts';
import {
  type FailedEvent,
  type FailedItem,
  goesOnNote,
  type NoteEvent,
  type ProgressEvent,
  resultOrFailure,
  type Watch,
} from '../verb.ts';
import { type DataAdienceRequest, dataAdienceRequest } from './request.ts';

export interface DataAdienceResult {
  readonly output: string;
  /** Faces of each fold. */
  readonly folds: readonly number[];
  readonly people: number;
  /** Photos without an age class and without a gender. */
  readonly unlabelled: number;
  /** Photos in which no face was found, or that cannot be read. */
  readonly failed: readonly FailedItem[];
}

/** A photo, and where it goes. */
interface PlacedPhoto {
  readonly sample: Sample;
  readonly user: string;
  /** Its name, without slashes. */
  readonly original: string;
  readonly age: string;
  readonly gender: string;
}

/**
 * Lays any photos with ages and genders out as Adience is: `folds/fold_K_data.txt` with each person in one fold, and the pictures
 * `aligned/USER/landmark_aligned_face.1.NAME` and `faces/USER/coarse_tilt_aligned_face.1.NAME`, the largest face of each photo cut
 * out in both ways, or the photo as it is. A photo without a face is left out and told. A call that was interrupted goes on where
 * it stopped. Errors: the request's, the manifest's.
 */
export async function dataAdience(
  request: DataAdienceRequest,
  host: Host,
  { on, signal }: Watch<ProgressEvent | FailedEvent | NoteEvent> = {},
): Promise<DataAdienceResult> {
  const fields = checkRequest(dataAdienceRequest, request, signal);
  const { manifest, images, person, age, gender, between, folds, align, most, seed, output } = fields;
  const { files } = host;
  const dataset = await openPictures(
    manifest,
    { images, labelColumns: [age, gender], ages: age, between, genders: gender },
    host,
  );
  if (person !== undefined && !dataset.groupColumns.includes(person)) {
    failRequest(
      words`${field('person')}`,
      `${manifest} has no column '${person}'`,
      `there are ${dataset.groupColumns.join(', ')}`,
    );
  }
  const photos: PlacedPhoto[] = [];
  let unlabelled = 0;
  for await (const sample of dataset.samples()) {
    const [years, sex] = [sample.labels[age], sample.labels[gender]];
    if (years === undefined && sex === undefined) {
      unlabelled++;
      continue;
    }
    const original = plainName(sample.name);
    photos.push({
      sample,
      original: align ? original.replace(/\.[^.]*$|$/, '.png') : original,
      user: plainName((person === undefined ? undefined : sample.groups[person]) || sample.name),
      age: years === undefined ? 'None' : AGE_LABELS[Number(years)],
      gender: sex === undefined ? 'u' : sex === 0 ? 'm' : 'f',
    });
  }
  const chosen = shuffled(photos, seed).slice(0, most);
  if (chosen.length < folds)
    failRequest(words`${field('folds')}`, `${folds} for ${plural(chosen.length, 'photo')}`, 'give fewer');
  await files.makeFolder(output);
  const finder = align ? await openFinder({ ...finderDefaults }, host) : undefined;
  const before = align ? await openPairs(chosen, fields, host) : nothingKept<true>();
  const { size: done } = before.items;
  if (done > 0) on?.(goesOnNote(done, chosen.length, 'cut out'));
  const failed: FailedItem[] = [];
  const kept: PlacedPhoto[] = [];
  try {
    for (const [i, photo] of chosen.entries()) {
      signal?.throwIfAborted();
      const written =
        before.items.get(i) ??
        (await resultOrFailure(photo.sample.name, () => writePair(photo, finder, fields, host, signal)));
      if (written === true) {
        kept.push(photo);
        if (!before.items.has(i)) await before.keep(i, true);
      } else {
        failed.push(written);
        on?.({ kind: 'failed', failed: written });
      }
      on?.({ kind: 'progress', what: 'photos', done: i + 1, total: chosen.length });
    }
  } finally {
    await finder?.release();
    await before.close();
  }
  const divided = byPerson(kept, folds);
  for (const [fold, each] of divided.entries()) {
    const rows = each.map(({ user, original, age: years, gender: sex }) => ({
      ...{ user, original, face: '1', age: years, gender: sex },
    }));
    await files.write(files.join(output, 'folds', `fold_${fold}_data.txt`), writeFold(rows));
  }
  await before.remove();
  return {
    output,
    folds: divided.map(({ length }) => length),
    people: new Set(kept.map(({ user }) => user)).size,
    unlabelled,
    failed,
  };
}

const finderDefaults = {
  detector: 'ssd',
  landmarks: 'full',
  minScore: usualFind.minScore,
  doubtScore: usualFind.doubtScore,
  turned: usualFind.turned,
} as const;

/** Writes both pictures of a photo. Errors of one item: no face, or no photo. */
async function writePair(
  { sample, user, original, age, gender }: PlacedPhoto,
  finder: FaceFinder | undefined,
  { output, size }: { readonly output: string; readonly size: number },
  { files, images }: Host,
  signal: AbortSignal | undefined,
): Promise<true> {
  const paths = pairOf({ user, original, age, gender }, output, files);
  const content = await forItem(sample.name, () => sample.content());
  const pictures = await (async () => {
    const photo = await forItem(sample.name, () => pictureOf(content, sample.name, images.decode));
    if (!finder) {
      const bytes = content.kind === 'file' ? content.bytes : await images.encodePng(photo);
      return [bytes, bytes];
    }
    const found = await finder.find(photo, { ...finderDefaults, signal });
    const [largest] = chosenFaces(found, 'largest');
    if (!largest) return noFace(sample.name, found);
    return Promise.all(
      (['similarity', 'rotation'] as const).map((way) =>
        images.encodePng(cutFace(photo, placeFace(largest, { align: way, size }))),
      ),
    );
  })();
  await files.write(paths[0], pictures[0]);
  await files.write(paths[1], pictures[1]);
  return true;
}

/** Where the two pictures of a photo are: aligned, and not. */
function pairOf(
  { user, original, age, gender }: Omit<PlacedPhoto, 'sample'>,
  output: string,
  files: FileSystem,
): [aligned: string, unaligned: string] {
  const face = { user, original, face: '1', age, gender };
  return [
    files.join(output, 'aligned', filesOf(face, 'aligned')[0].path),
    files.join(output, 'faces', filesOf(face, 'unaligned')[0].path),
  ];
}

/** The journal of photos whose two pictures are written, in a folder that is not finished. */
function openPairs(
  photos: readonly PlacedPhoto[],
  { output, size }: { readonly output: string; readonly size: number },
  host: Host,
): Promise<KeptItems<true>> {
  const names = photos.map(({ sample, ...placed }) => [sample.name, placed]);
  return openKeptItems(
    host.files.join(output, 'adience.unfinished'),
    { data: host.sha256().update(JSON.stringify(names)).digest(), size: `${size}` },
    { write: () => [], read: () => true as const },
    (index, item) => ({ item, files: pairOf(photos[index], output, host.files) }),
    host,
  );
}

/** Every person's photos in one fold, of which the smallest takes them, people with many photos first. */
function byPerson(photos: readonly PlacedPhoto[], folds: number): PlacedPhoto[][] {
  const people = new Map<string, PlacedPhoto[]>();
  for (const photo of photos) {
    const same = people.get(photo.user);
    if (same) same.push(photo);
    else people.set(photo.user, [photo]);
  }
  const divided = Array.from({ length: folds }, (): PlacedPhoto[] => []);
  for (const each of [...people.values()].sort((a, b) => b.length - a.length)) {
    const smallest = divided.reduce((best, fold) => (fold.length < best.length ? fold : best));
    smallest.push(...each);
  }
  return divided;
}

/** A name that is part of a path, or stands in a table that tabs part. */
const plainName = (text: string): string => text.replace(/[/\\\t\r\n]/g, '_').replace(/^\.+/, '_');
