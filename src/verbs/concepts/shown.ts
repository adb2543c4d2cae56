import { preprocessingOf } from '../../classifier/index.ts';
import { scoped } from '../../common/scope.ts';
import {
  byMean,
  type ConceptEdge,
  type ConceptSurvey,
  type PixelWindow,
  type ReferenceKind,
  type ReferencePhoto,
} from '../../concepts/index.ts';
import { type Image, networkViews, resizeImage } from '../../image/index.ts';
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
  /** What the network sees of it. */
  readonly seen: Image;
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
  /** What the crop shows of it. */
  readonly heat: Image;
}

/**
 * What there is to show: of each layer its channels in the order of their shares, with their references; last those that
 * attribution graphs name only.
 */
export interface Shown {
  readonly layers: ReadonlyMap<string, ReadonlyMap<number, readonly Tile[]>>;
  /** The channels of each layer that are shown for their own sake, rather than an explained photo's. */
  readonly chosen: ReadonlyMap<string, readonly number[]>;
  readonly edges: readonly ConceptEdge[];
  readonly photos: readonly ExplainedPhotoWork[];
}

const kinds = ['relevance', 'activation'] as const;

/** How many lower channels are told of that feed an upper one. */
const EDGES = 3;

/** Reference photos of a channel that stands in an attribution graph only. */
const GRAPH_REFERENCES = 2;

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
  const photos = readings.map((each) => ({
    ...each,
    layers: new Map<string, ExplainedChannel[]>(),
    edges: [] as ConceptEdge[],
  }));
  // Of what feeds an upper channel the first is shown as the strongest are, all are seen in attribution graphs.
  const feeders = new Map<string, Set<number>>(layers.map(({ name }) => [name, new Set()]));
  const inGraph = new Map<string, Set<number>>(layers.map(({ name }) => [name, new Set()]));
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
    const drawings = [
      ...channels.flatMap((channel) =>
        kinds.map((kind) => ({ kind, channel, references: references[kind][channel] })),
      ),
      ...[...inGraph.get(place.name)!]
        .filter((channel) => fields.sheets && !channels.includes(channel))
        .map((channel) => ({
          kind: 'relevance' as const,
          channel,
          references: references.relevance[channel].slice(0, GRAPH_REFERENCES),
        })),
    ];
    const count = drawings.reduce((sum, each) => sum + each.references.length, 0);
    await withConditions(work, place, count, async (reader) => {
      const drawn = await drawReferences(work, reader, drawings);
      const tiles = new Map(
        drawings.map(({ channel: c }) => [c, kinds.flatMap((kind) => drawn.get(`${kind} ${c}`) ?? [])]),
      );
      shown.set(place.name, tiles);
      chosenOf.set(place.name, chosen);
      const follow = (found: readonly ConceptEdge[]) => {
        for (const { lower } of found) inGraph.get(lower.layer)!.add(lower.channel);
        return found;
      };
      for (const c of chosen) {
        const below = (drawn.get(`relevance ${c}`) ?? []).map((each) => each.below);
        const found = follow(edgesOf(place, c, below));
        edges.push(...found);
        if (found[0]) feeders.get(found[0].lower.layer)!.add(found[0].lower.channel);
      }
      if (explained)
        for await (const { each, index } of prepared(work, explained, reader)) {
          const { reading } = readings[index];
          const conditions = own[index].map((channel) => ({ channel, target: reading.about.target }));
          if (conditions.length === 0) continue;
          const views = await reader.view(each, conditions);
          photos[index].layers.set(
            place.name,
            views.map(({ crop, whole, heat }, k) => ({
              channel: own[index][k],
              share: reading.layers[i].shares[own[index][k]],
              crop,
              whole: fitted(whole, LARGE),
              heat: fitted(heat, TILE),
            })),
          );
          photos[index].edges.push(
            ...views.flatMap(({ below }, k) => follow(edgesOf(place, own[index][k], [below]))),
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
    const found: Pick<ExplainedPhotoWork, 'photo' | 'seen' | 'reading'>[] = [];
    for await (const { each, index } of prepared(work, explained, reader)) {
      const [reading] = await reader.read([each.input], [index]);
      const [seen] = networkViews(each.picture, preprocessingOf(work.classifier));
      found.push({ photo: explained.names[index], seen: fitted(seen, LARGE), reading });
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

/** Draws reference photos of channels, every photo once for all of them; by kind and channel, the best first. */
async function drawReferences(
  work: ConceptsWork,
  reader: ConditionReader,
  drawings: readonly {
    readonly kind: ReferenceKind;
    readonly channel: number;
    readonly references: readonly ReferencePhoto[];
  }[],
): Promise<ReadonlyMap<string, readonly (Tile & { readonly below?: Float64Array | undefined })[]>> {
  const asked = new Map<
    number,
    (Condition & { kind: ReferenceKind; rank: number; reference: ReferencePhoto })[]
  >();
  const drawn = new Map<string, (Tile & { readonly below?: Float64Array | undefined })[]>();
  for (const { kind, channel, references } of drawings)
    for (const [rank, reference] of references.entries()) {
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
