import { failRequest } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { distinct, groupedBy } from '../../common/groups.ts';
import { field, words } from '../../common/words.ts';
import { type PhotoRecord, RECORD_FILE } from '../explain/record.ts';
import { openFinder } from '../faces/open.ts';
import type { Host } from '../host.ts';
import { photosNamed } from '../paths.ts';
import { type FailedItem, type ProgressEvent, resultOrFailure, type Watch } from '../verb.ts';
import { addMaps, type MapSum, type PhotoLikeness, photoLikeness, photoMaps } from './likeness.ts';
import { type Look, photoOf, readExplained, type SeenLook } from './looks.ts';
import { findFace, type LookSource, type Measuring, measureLook, pathOf, type ShownFace } from './measure.ts';
import type { RegionsFields } from './request.ts';

/** Where something stands among all that is measured: the number of its folder, and of the photo in there. */
export type LookPlace = readonly [folder: number, photo: number];

/** What was measured of some photos, in any order. */
export interface MeasuredLooks {
  readonly looks: readonly { readonly at: LookPlace; readonly look: Look }[];
  /** What could not be measured, and why. */
  readonly without: readonly { readonly at: LookPlace; readonly failed: FailedItem }[];
  /** Of each photo and each two models that it was explained of. */
  readonly likeness: readonly PhotoLikeness[];
  /** By model. */
  readonly maps: ReadonlyMap<string, MapSum>;
  /** The first photos with their regions. */
  readonly shown: readonly ShownFace[];
}

/** An opened request: no photo is looked at yet. */
export interface OpenRegions {
  /** The explained photos, however they were cut, in the order in which folders name them first. */
  readonly photos: readonly string[];
  /** What is explained of each of them, and by what, as plain data. */
  items(): readonly unknown[];
  /** Measures some of the photos, `to` not included, in all folders. */
  measure(
    range: { readonly from: number; readonly to: number },
    watch: Watch<ProgressEvent>,
  ): Promise<MeasuredLooks>;
}

/** What {@link regions} does before the first photo. */
export async function openRegions(fields: RegionsFields, host: Host): Promise<OpenRegions> {
  const { explanations } = fields;
  const { files } = host;
  checkCounts(fields);
  if (fields.landmarks === 'five')
    failRequest(words`${field('landmarks')}`, 'regions need all 68', 'give full or tiny');
  const records = await Promise.all(explanations.map((folder) => readExplained(folder, host)));
  const paths = await photoPaths(fields, host);
  files.protect([...paths.values(), ...explanations.map((folder) => files.join(folder, RECORD_FILE))]);
  const entries = records.flatMap(({ photos }, s) =>
    photos.flatMap((photo, p) =>
      'error' in photo ? [] : [{ at: [s, p] as const, photo, key: keyOf(photo, paths, host) }],
    ),
  );
  const byPhoto = groupedBy(entries, ({ photo }) => photoOf(photo));
  const photos = [...byPhoto.keys()];
  const items: OpenRegions['items'] = () => {
    const heads = records.map(({ photos: _, ...head }) =>
      host.sha256().update(JSON.stringify(head)).digest(),
    );
    return [...byPhoto].map(([name, own]) => [
      name,
      own.map(({ at: [s, p], photo, key }) => [s, p, heads[s], key, photo]),
    ]);
  };
  const sources = sourcesOf(fields, host).map((source, i) => ({ ...source, record: records[i] }));
  const measure: OpenRegions['measure'] = async ({ from, to }, { on, signal }) => {
    const finder = await openFinder(fields, host);
    const measuring: Measuring = { fields, host, finder, paths, shown: new Map<string, ShownFace>() };
    const looks: MeasuredLooks['looks'][number][] = [];
    const without: MeasuredLooks['without'][number][] = [];
    const likeness: PhotoLikeness[] = [];
    const maps = new Map<string, MapSum>();
    const models = distinct(sources.map(({ model }) => model));
    const part = [...byPhoto].slice(from, to);
    const total = part.reduce((sum, [, own]) => sum + own.length, 0);
    let done = 0;
    try {
      for (const [name, own] of part) {
        const seen: { readonly at: LookPlace; readonly look: SeenLook }[] = [];
        for (const explained of groupedBy(own, ({ key }) => key).values()) {
          const face = await findFace(explained[0].photo, measuring);
          for (const { at, photo } of explained) {
            signal?.throwIfAborted();
            const look = await resultOrFailure(photo.photo, () =>
              measureLook(photo, face, sources[at[0]], measuring),
            );
            if ('error' in look) without.push({ at, failed: look });
            else seen.push({ at, look });
            on?.({ kind: 'progress', what: 'photos', done: ++done, total });
          }
        }
        // Of many photos their heatmaps would not fit into memory; what they are needed for is found here.
        const inOrder = seen.toSorted(byPlace).map(({ look }) => look);
        const shownBy = photoMaps(models.flatMap((model) => inOrder.filter((look) => look.model === model)));
        likeness.push(...photoLikeness(name, shownBy));
        addMaps(maps, shownBy);
        looks.push(...seen.map(({ at, look: { map: _, ...look } }) => ({ at, look })));
      }
    } finally {
      await finder.release();
    }
    return { looks, without, likeness, maps, shown: [...measuring.shown.values()] };
  };
  return { photos, items, measure };
}

/** A folder after the other, and its photos as it names them. */
export const byPlace = (one: { readonly at: LookPlace }, other: { readonly at: LookPlace }): number =>
  one.at[0] - other.at[0] || one.at[1] - other.at[1];

/** A folder of explanations, as its model is called and placed. */
export type NamedSource = Pick<LookSource, 'folder' | 'model'> & {
  readonly place?: Readonly<Record<string, string>> | undefined;
};

export const sourcesOf = ({ explanations, names, places }: RegionsFields, { files }: Host): NamedSource[] =>
  explanations.map((folder, i) => ({
    folder,
    model: names?.[i] ?? (files.basename(folder) || folder),
    place: places?.[i],
  }));

/** What tells an explained photo, or one face of several in it, from others. */
const keyOf = (photo: PhotoRecord, paths: Measuring['paths'], host: Host): string =>
  JSON.stringify([pathOf(photo, paths, host), photo.face]);

function checkCounts({ explanations, names, places }: RegionsFields): void {
  for (const [name, given] of [
    ['names', names],
    ['places', places],
  ] as const) {
    if (given && given.length !== explanations.length)
      failRequest(
        words`${field(name)}`,
        `there are ${given.length} for ${plural(explanations.length, 'folder')} of explanations`,
        'give one for each',
      );
  }
}

/** Where photos are, by the names of their files, where that is said. */
async function photoPaths({ photos, output }: RegionsFields, host: Host): Promise<Map<string, string>> {
  const found = photos ? await photosNamed(photos, host, output) : [];
  return new Map(found.map((path) => [host.files.basename(path), path]));
}
