/**
 * What of relevance C×H×W is compared: `map`, the channels summed (where); `channels`, the places summed (which feature);
 * `all`, every channel's map.
 */
export const featureKinds = ['map', 'channels', 'all'] as const;

/** What of a heatmap is compared. */
export type FeatureKind = (typeof featureKinds)[number];

/** The length that each row is given: `l2` makes its squares sum to 1, `l1` its absolutes, `max` its largest absolute 1. */
export const rowNorms = ['l2', 'l1', 'max', 'none'] as const;

/** How rows of features are scaled before they are compared. */
export type RowNorm = (typeof rowNorms)[number];

/** How rows of the spectral embedding become clusters. */
export const clusterMethods = ['kmeans', 'ward', 'dbscan'] as const;

/** The name of a method that finds clusters. */
export type ClusterMethod = (typeof clusterMethods)[number];

/** In what else rows are shown besides their spectral embedding. */
export const clusterViews = ['pca', 'umap'] as const;

/** The name of a method that places heatmaps on a plane. */
export type ClusterView = (typeof clusterViews)[number];

/**
 * What parts photos into classes before each is clustered: the class that was explained; the true one; nothing.
 */
export const partedBy = ['explained', 'label', 'nothing'] as const;

/** What parts heatmaps before clusters are looked for in each part. */
export type PartedBy = (typeof partedBy)[number];

/** How near neighbours count: as their surroundings are dense, or all alike. */
export const affinityWeights = ['local', 'equal'] as const;

/** How much neighbours count in the graph that is cut into clusters. */
export type AffinityWeights = (typeof affinityWeights)[number];

/** What is hidden of a cluster: where its relevance is strong; what its pictures have in common there. */
export const hiddenRegions = ['relevance', 'pictures'] as const;

/** What is hidden of a cluster. */
export type HiddenRegion = (typeof hiddenRegions)[number];
