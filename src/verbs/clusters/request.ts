import * as v from 'valibot';
import {
  affinityWeights,
  clusterMethods,
  clusterViews,
  featureKinds,
  partedBy,
  rowNorms,
} from '../../clusters/index.ts';
import { COLORMAPS } from '../../image/maps/colormap.ts';
import { methodSpec } from '../faithfulness/request.ts';
import { computeFields, list, names, number, parquet, shard, whole } from '../request.ts';

/** What {@link clusters} is asked. */
export const clustersRequest = v.strictObject({
  /** The model's file, `.onnx`; with `data`, whose photos it explains. */
  model: v.optional(v.string()),
  /** Photos; or one set of them: a folder, an image list, an LMDB database, a `.csv` manifest. */
  data: v.optional(names),
  /** In place of a model: a folder that `explain` wrote, or `.npy` files of relevance N×C×H×W, C×H×W or H×W. */
  heatmaps: v.optional(names),
  /** The folder to write into. */
  output: v.string(),
  /** How photos are explained: a method or composite, perhaps with fields, as `faithfulness` takes them. */
  method: v.optional(v.union([v.string(), methodSpec]), 'lrp'),
  /** What is explained: `predicted`, an index, a label, `A + B`, `A vs B`. */
  target: v.optional(v.string(), 'predicted'),
  /** The output that is explained; the first with classes unless given. */
  head: v.optional(v.string()),
  /** The layer at whose output relevance is compared; the network's input unless given. */
  layer: v.optional(v.string()),
  /** What of the relevance is compared: `map`, channels summed; `channels`, places summed; `all`. */
  features: v.optional(v.picklist(featureKinds), 'map'),
  /** The longer side of maps, in cells; larger ones are reduced to it. */
  side: v.optional(whole(1), 10),
  /** The length that every map is given. */
  norm: v.optional(v.picklist(rowNorms), 'l2'),
  /** Whether relevance against the class counts as such, or by its size alone. */
  signed: v.optional(v.boolean(), true),
  /** Photos of which class are compared with each other: the one explained, the true one; or all. */
  by: v.optional(v.picklist(partedBy), 'explained'),
  /** The data's column of true classes, `none` to read none; the one named as the output, `label` or `class` unless given. */
  truthColumn: v.optional(v.string()),
  /** The folder that a list's paths start from; its own unless given. */
  images: v.optional(v.string()),
  /** At most so many photos, spread evenly over the data; all unless given. */
  photos: v.optional(whole(1)),
  /** Nearest others that each heatmap is joined with. */
  neighbours: v.optional(whole(1), 10),
  /** How near neighbours count: `local`, as their surroundings are dense; `equal`, all alike. */
  weights: v.optional(v.picklist(affinityWeights), 'local'),
  /** How the spectral embedding becomes clusters. */
  clustering: v.optional(v.picklist(clusterMethods), 'kmeans'),
  /** Clusters of each class; as many as the eigengap says unless given. */
  clusters: v.optional(whole(2)),
  /** Most clusters that the eigengap may say. */
  most: v.optional(whole(2), 12),
  /** How near photos are neighbours, for DBSCAN; so that 19 of 20 have enough unless given. */
  radius: v.optional(number(0)),
  /** In what else photos are shown. */
  views: v.optional(list(v.picklist(clusterViews)), [...clusterViews]),
  /** Photos that are shown of each cluster, nearest to its middle and farthest from it. */
  exemplars: v.optional(whole(1), 8),
  /** The name of a colour map. */
  colors: v.optional(v.picklist([...COLORMAPS.keys()]), 'black-firered'),
  seed: v.optional(whole(), 1),
  /** Of the bootstrap. */
  resamples: v.optional(whole(100), 2000),
  /** Photos per run. */
  batch: v.optional(whole(1), 16),
  /** Whether photos that are missing or cannot be read are left out and recorded. */
  skipBad: v.optional(v.boolean(), false),
  /** Whether an unfinished or other result in the folder is forgotten. */
  restart: v.optional(v.boolean(), false),
  /** Whether `photos.csv` is written as Parquet, too. */
  parquet,
  ...computeFields,
});

/** What {@link clusters} is asked; a field with a question mark may be left out. */
export type ClustersRequest = v.InferInput<typeof clustersRequest>;

/** What {@link clustersShard} is asked. */
export const clustersShardRequest = v.strictObject({
  ...clustersRequest.entries,
  /** Which part of the photos is explained. */
  shard,
});

/** What {@link clustersShard} is asked; a field with a question mark may be left out. */
export type ClustersShardRequest = v.InferInput<typeof clustersShardRequest>;

/** The request with its defaults. */
export type ClustersFields = v.InferOutput<typeof clustersRequest>;
