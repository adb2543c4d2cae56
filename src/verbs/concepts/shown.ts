import { scoped } from '../../common/scope.ts';
import {
  byMean,
  type ConceptEdge,
  type ConceptSurvey,
  type PixelWindow,
  type ReferenceKind,
  type ReferencePhoto,
} from '../../concepts/index.ts';
import { type Image, resizeImage } from '../../image/index.ts';
import { type PhotoSet, preparedPhotos, type SetPhoto } from '../photoset.ts';
import { failItem } from '../verb.ts';
import { type Condition, type ConditionReader, withConditions } from './conditions.ts';
import type { ConceptsWork, LayerPlace } from './setting.ts';
import { openReader, type PhotoReading } from './survey.ts';

/** Pixels of the side of a picture in a sheet, and of an explained photo in it. */
const TILE = 132;
const LARGE = 288;

/** A reference photo of a channel, drawn. */
export interface Tile {
  readonly kind: ReferenceKind;
  readonly reference: ReferencePhoto;
  readonly field: PixelWindow;
  readonly crop: PixelWindow;
  readonly picture: Image;
  readonly heat: Image;
}

/** A photo that is explained, and what each of its channels shows of it. */
export interface ExplainedPhotoWork {
  readonly photo: string;
  readonly reading: PhotoReading;
  /** By layer: the channels with the largest shares, and their part of the photo. */
  readonly layers: ReadonlyMap<string, readonly ExplainedChannel[]>;
  readonly edges: readonly ConceptEdge[];
}

export interface ExplainedChannel {
  readonly channel: number;
  readonly share: number;
  readonly crop: PixelWindow;
  readonly whole: Image;
}

/** What there is to show: of each layer its channels in the order of their shares, with their references. */
export interface Shown {
  readonly layers: ReadonlyMap<string, ReadonlyMap<number, readonly Tile[]>>;
  /** The channels of each layer that are shown for their own sake, rather than an explained photo's. */
  readonly chosen: ReadonlyMap<string, readonly number[]>;
  readonly edges: readonly ConceptEdge[];
  readonly photos: readonly ExplainedPhotoWork[];
}

/** How many lower channels are told of that feed an upper one. */
const EDGES = 3;

/** Looks at the channels that carried most: of the whole set, and of each explained photo. */
export async function showAll(
  work: ConceptsWork,
  survey: ConceptSurvey,
  explained: PhotoSet | undefined,
): Promise<Shown> {
  const { fields, layers, watch } = work;
  const readings = explained ? await readExplained(work, explained) : [];
  const shown = new Map<string, ReadonlyMap<number, readonly Tile[]>>();
  const chosenOf = new Map<string, readonly number[]>();
  const edges: ConceptEdge[] = [];
  const photos = readings.map(({ name, reading }) => ({
    photo: name,
    reading,
    layers: new Map<string, ExplainedChannel[]>(),
    edges: [] as ConceptEdge[],
  }));
  const feeders = new Map<string, Set<number>>(layers.map(({ name }) => [name, new Set()]));
  for (const [i, place] of layers.entries()) {
    watch.signal?.throwIfAborted();
    const { references, all } = survey.layers[i];
    const ranking = byMean(all.shares);
    const strongest = ranking.filter((c) => all.shares.sums[c] > 0).slice(0, fields.channels);
    const chosen = [...new Set([...strongest, ...feeders.get(place.name)!])].sort(
      (a, b) => all.shares.sums[b] - all.shares.sums[a] || a - b,
    );
    const own = readings.map(({ reading }) => strongestOf(reading.layers[i].shares, fields.channels));
    const channels = [...new Set([...chosen, ...own.flat()])];
    const kinds = ['relevance', 'activation'] as const;
    const count = channels.reduce(
      (sum, c) => sum + references.relevance[c].length + references.activation[c].length,
      0,
    );
    await withConditions(work, place, count, async (reader) => {
      const drawn = await drawReferences(work, reader, channels, references);
      const tiles = new Map(
        channels.map((c) => [c, kinds.flatMap((kind) => drawn.get(`${kind} ${c}`) ?? [])]),
      );
      shown.set(place.name, tiles);
      chosenOf.set(place.name, chosen);
      if (place.below !== undefined)
        for (const c of chosen) {
          const own = edgesOf(
            place,
            c,
            (drawn.get(`relevance ${c}`) ?? []).map(({ below }) => below),
          );
          edges.push(...own);
          if (own[0]) feeders.get(place.below)!.add(own[0].lower.channel);
        }
      if (explained)
        for await (const { each, index } of prepared(work, explained, reader)) {
          const { reading } = readings[index];
          const conditions = own[index].map((channel) => ({ channel, target: reading.about.target }));
          if (conditions.length === 0) continue;
          const views = await reader.view(each, conditions);
          photos[index].layers.set(
            place.name,
            views.map(({ crop, whole }, k) => ({
              channel: own[index][k],
              share: reading.layers[i].shares[own[index][k]],
              crop,
              whole: fitted(whole, LARGE),
            })),
          );
          photos[index].edges.push(
            ...views.flatMap(({ below }, k) => edgesOf(place, own[index][k], [below])),
          );
        }
    });
    watch.on?.({ kind: 'progress', what: 'layers', done: i + 1, total: layers.length });
  }
  return { layers: shown, chosen: chosenOf, edges, photos };
}

/** The channels with the largest shares that are positive. */
const strongestOf = (shares: Float64Array, most: number): number[] =>
  Array.from(shares.keys())
    .filter((c) => shares[c] > 0)
    .sort((a, b) => shares[b] - shares[a] || a - b)
    .slice(0, most);

/** Reads the channels of the photos that are explained. Errors: one that cannot be read. */
async function readExplained(work: ConceptsWork, explained: PhotoSet) {
  return scoped(async (own) => {
    const reader = own(await openReader(work, explained.names.length));
    const found: { readonly name: string; readonly reading: PhotoReading }[] = [];
    for await (const { each, index } of prepared(work, explained, reader)) {
      const [reading] = await reader.read([each.input], [index]);
      found.push({ name: explained.names[index], reading });
    }
    return found;
  });
}

/** The photos of a set, ready for the network. Errors: one that cannot be read. */
async function* prepared(
  { classifier, host, watch }: ConceptsWork,
  photos: PhotoSet,
  { decoders }: { readonly decoders: number },
  wanted: ReadonlySet<number> = new Set(photos.names.keys()),
): AsyncGenerator<{ each: SetPhoto; index: number }, void> {
  for await (const each of preparedPhotos(photos, wanted, classifier, host, decoders, (photo) => photo)) {
    watch.signal?.throwIfAborted();
    if ('error' in each) failItem(each);
    yield { each, index: each.sample.index };
  }
}

/** Draws the reference photos of some channels, every photo once for all of them; by kind and channel, the best first. */
async function drawReferences(
  work: ConceptsWork,
  reader: ConditionReader,
  channels: readonly number[],
  references: Readonly<Record<ReferenceKind, readonly (readonly ReferencePhoto[])[]>>,
): Promise<ReadonlyMap<string, readonly (Tile & { readonly below?: Float64Array | undefined })[]>> {
  const asked = new Map<
    number,
    (Condition & { kind: ReferenceKind; rank: number; reference: ReferencePhoto })[]
  >();
  const drawn = new Map<string, (Tile & { readonly below?: Float64Array | undefined })[]>();
  for (const kind of ['relevance', 'activation'] as const)
    for (const channel of channels)
      for (const [rank, reference] of references[kind][channel].entries()) {
        const { photo, target, at } = reference;
        asked.set(photo, [...(asked.get(photo) ?? []), { channel, target, at, kind, rank, reference }]);
      }
  for await (const { each, index } of prepared(work, work.photos, reader, new Set(asked.keys()))) {
    const conditions = asked.get(index)!;
    const views = await reader.view(each, conditions);
    views.forEach(({ field, crop, picture, heat, below }, i) => {
      const { kind, channel, rank, reference } = conditions[i];
      const list = drawn.get(`${kind} ${channel}`) ?? [];
      list[rank] = {
        kind,
        reference,
        field,
        crop,
        picture: fitted(picture, TILE),
        heat: fitted(heat, TILE),
        below,
      };
      drawn.set(`${kind} ${channel}`, list);
    });
  }
  return drawn;
}

/** The lower channels that feed an upper one most, by their mean share under the condition. */
function edgesOf(
  { name, below }: LayerPlace,
  channel: number,
  given: readonly (Float64Array | undefined)[],
): ConceptEdge[] {
  const photos = given.filter((each) => each !== undefined);
  if (below === undefined || photos.length === 0) return [];
  const means = photos[0].map((_, c) => photos.reduce((sum, each) => sum + each[c], 0) / photos.length);
  return strongestOf(means, EDGES).map((lower) => ({
    upper: { layer: name, channel },
    lower: { layer: below, channel: lower },
    share: means[lower],
    photos: photos.length,
  }));
}

/** A picture whose longer side has so many pixels. */
function fitted(picture: Image, side: number): Image {
  const scale = side / Math.max(picture.width, picture.height);
  return resizeImage(
    picture,
    Math.max(1, Math.round(picture.height * scale)),
    Math.max(1, Math.round(picture.width * scale)),
  );
}
