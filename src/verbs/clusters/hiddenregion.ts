import { type Classifier, prepare } from '../../classifier/index.ts';
import {
  CLUSTERS_FILE,
  type Cluster,
  type ClusterReport,
  differingPixels,
  grown,
  strongestCells,
} from '../../clusters/index.ts';
import { fail, failRequest, forItem } from '../../common/error.ts';
import { plural } from '../../common/format.ts';
import { addVector, noVectors, type VectorMoments } from '../../common/moments.ts';
import { ordered } from '../../common/ordered.ts';
import { field, words } from '../../common/words.ts';
import { pictureOf } from '../../data/index.ts';
import { piecesMeeting, repeatMap, type ScalarMap } from '../../image/index.ts';
import type { Host } from '../host.ts';
import type { Watch } from '../verb.ts';
import { mapOfRow } from './draw.ts';
import type { HideFields } from './hiderequest.ts';
import type { ClustersEvent } from './result.ts';
import { openSource } from './source.ts';

/** A cluster whose region is hidden, and the report that it is of. */
export interface HiddenCluster {
  readonly cluster: Cluster;
  readonly clusters: ClusterReport;
}

/** The cluster that is asked for; nothing where a picture is. Errors: there is none of that number. */
export function clusterAsked(
  { hide, output }: HideFields,
  clusters: ClusterReport | undefined,
): HiddenCluster | undefined {
  const asked = /^cluster:(\d+)$/.exec(hide);
  if (!asked) return undefined;
  if (!clusters)
    return failRequest(
      words`${field('hide', hide)}`,
      `there is no ${CLUSTERS_FILE} in ${output}`,
      'find clusters first',
    );
  const cluster = clusters.clusters.find(({ number: each }) => each === Number(asked[1]));
  if (!cluster) {
    const known = clusters.clusters.map(({ number: each }) => each).join(', ');
    return failRequest(words`${field('hide', hide)}`, 'there is no such cluster', `there are ${known}`);
  }
  return { cluster, clusters };
}

/** A picture that is white where photos are to be hidden: 1 there, in its own resolution. */
export async function paintedRegion({ hide }: HideFields, { files, images }: Host): Promise<ScalarMap> {
  if (!(await files.kindOf(hide)))
    failRequest(
      words`${field('hide', hide)}`,
      'there is no such file',
      'give cluster:N, or a picture that is white where photos are to be hidden',
    );
  const { width, height, data } = await images.decode(await files.read(hide), hide);
  const mask = Float32Array.from({ length: width * height }, (_, i) => (data[3 * i] > 127 ? 1 : 0));
  if (!mask.includes(1)) fail(hide, 'nothing in it is white', 'paint white what is to be hidden');
  return { width, height, data: mask };
}

/** Where a cluster's mean relevance for its class is strong, with the cells around it. */
export function lookedAt(
  { cluster, clusters }: HiddenCluster,
  { hide, share }: Pick<HideFields, 'hide' | 'share'>,
): ScalarMap {
  const map = mapOfRow(cluster.mean, clusters.shape);
  if (!map)
    return failRequest(
      words`${field('hide', hide)}`,
      'its relevance has no places',
      'compare maps rather than channels',
    );
  const cells = grown(strongestCells(map, share), map.height, map.width);
  if (!cells.includes(1)) fail(hide, 'its mean relevance speaks nowhere for its class');
  return { ...map, data: Float32Array.from(cells) };
}

/** Fewer pictures of a cluster, or of the rest of its class, have no spread worth the name. */
const LEAST_PICTURES = 5;

/**
 * What a cluster's pictures have in common where the network looks: pieces of the network's view in which they differ from the rest of
 * their class, as far as they meet `looked`, which is {@link lookedAt}, with the pixels around them. The pictures are those that were clustered.
 * Errors: too few of them; those of photos that cannot be read; nothing differs there.
 */
export async function distinctiveRegion(
  asked: HiddenCluster,
  looked: ScalarMap,
  fields: HideFields,
  classifier: Classifier,
  host: Host,
  watch: Watch<ClustersEvent>,
): Promise<ScalarMap> {
  const { cluster, clusters } = asked;
  const { own, rest, height, width } = await momentsOf(asked, fields, classifier, host, watch);
  const named = words`${field('hide', fields.hide)}, ${field('region')}`;
  for (const [what, { count }] of [
    ['the cluster has', own],
    ['the rest of its class has', rest],
  ] as const)
    if (count < LEAST_PICTURES)
      failRequest(named, `${what} ${plural(count, 'photo')}`, 'hide where its relevance is strong');
  const seeds = Uint8Array.from(repeatMap(looked, height, width).data);
  const pieces = piecesMeeting(differingPixels(own, rest, height * width), seeds, height, width);
  if (!pieces.includes(1))
    failRequest(
      named,
      `where cluster ${cluster.number} looks, its pictures have nothing at one place that others of '${cluster.class}' in ${clusters.data.source} have not`,
      'hide where its relevance is strong',
    );
  return { width, height, data: Float32Array.from(grown(pieces, height, width)) };
}

/** Means and spreads of the pictures that were clustered, as the network sees them: the cluster's, and the rest's of its class. */
async function momentsOf(
  { cluster, clusters }: HiddenCluster,
  fields: HideFields,
  classifier: Classifier,
  host: Host,
  watch: Watch<ClustersEvent>,
) {
  const { source } = clusters.data;
  const names = clusters.photos.map(({ photo }) => photo);
  const isSet = (await host.files.kindOf(source)) !== undefined;
  // Shown, not asked about: a photo that is gone since shall not end it here.
  const set = { truthColumn: 'none', images: fields.images, skipBad: true };
  const photos = await openSource(isSet ? [source] : names, classifier, set, host, () => {});
  const isOwn = new Map(
    clusters.photos
      .filter((each) => each.class === cluster.class)
      .map((each) => [each.photo, each.cluster === cluster.number]),
  );
  const wanted = new Set([...photos.names.keys()].filter((i) => isOwn.has(photos.names[i])));
  const view = async ({
    name,
    content,
  }: {
    name: string;
    content(): Promise<Parameters<typeof pictureOf>[0]>;
  }) => {
    watch.signal?.throwIfAborted();
    return forItem(name, async () => {
      const picture = await pictureOf(await content(), name, host.images.decode);
      return { name, prepared: prepare(classifier, picture, { name }) };
    });
  };
  let [own, rest]: (VectorMoments | undefined)[] = [];
  let [height, width] = [0, 0];
  for await (const { name, prepared } of ordered(photos.samples(wanted), view, 2)) {
    const { shape, data } = prepared;
    if (own && (shape[2] !== height || shape[3] !== width))
      failRequest(
        words`${field('region')}`,
        `the network sees ${name} at ${shape[2]}×${shape[3]} and others at ${height}×${width}`,
        'hide where its relevance is strong',
      );
    [height, width] = shape.slice(2);
    own ??= noVectors(data.length);
    rest ??= noVectors(data.length);
    addVector(isOwn.get(name) ? own : rest, data);
  }
  return { own: own ?? noVectors(0), rest: rest ?? noVectors(0), height, width };
}
