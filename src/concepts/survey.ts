import type { ResolvedTarget } from '../attribution/index.ts';
import { addMoments, type ExactMoments, mergeMoments, noMoments } from '../common/exactmoments.ts';
import type { ChannelLayer } from './graph.ts';
import { keepBest, type Ranked } from './top.ts';

/** A photo in which a channel is strong, and where in it. */
export interface ReferencePhoto extends Ranked {
  /** Row and column of the channel's feature map. */
  readonly at: readonly [row: number, column: number];
  /** What was explained there. */
  readonly target: ResolvedTarget;
}

/** How reference photos of a channel are chosen: by its share of the relevance, or by its largest activation. */
export type ReferenceKind = 'relevance' | 'activation';

/** What a layer's channels are in one photo. */
export interface ChannelReading {
  /** A channel's relevance over Σ|relevance| of all channels of the layer, summed over positions. */
  readonly shares: Float64Array;
  /** Σ relevance of the layer: what of the explained score passes through it. */
  readonly sum: number;
  readonly relevancePeaks: ArrayLike<number | bigint>;
  readonly activations: ArrayLike<number>;
  readonly activationPeaks: ArrayLike<number | bigint>;
}

/** A channel's relevance and activation over photos. */
export interface ChannelTally {
  readonly shares: ExactMoments;
  readonly activations: ExactMoments;
}

/** What is known of a layer's channels after some photos. */
export interface LayerSurvey {
  readonly layer: ChannelLayer;
  readonly all: ChannelTally;
  /** By what was explained, as people read it. */
  readonly classes: Map<string, ChannelTally>;
  /** The share of the explained scores that passes through the layer. */
  readonly through: ExactMoments;
  /** The best photos of each channel, the best first. */
  readonly references: Readonly<Record<ReferenceKind, ReferencePhoto[][]>>;
}

const noTally = (channels: number): ChannelTally => ({
  shares: noMoments(channels),
  activations: noMoments(channels),
});

/** The survey of a layer over no photos. */
export function noSurvey(layer: ChannelLayer): LayerSurvey {
  const { channels } = layer;
  const none = () => Array.from({ length: channels }, (): ReferencePhoto[] => []);
  return {
    layer,
    all: noTally(channels),
    classes: new Map(),
    through: noMoments(1),
    references: { relevance: none(), activation: none() },
  };
}

/** A photo as a survey takes it. */
export interface SurveyedPhoto {
  readonly photo: number;
  readonly target: ResolvedTarget;
  /** What the target is called. */
  readonly named: string;
  /** The explained score. */
  readonly score: number;
}

/** The relevance of channels as shares of the layer's Σ|relevance|; all zero where there is none. */
export function sharesOf(relevance: ArrayLike<number>): { shares: Float64Array; sum: number } {
  let [sum, absolute] = [0, 0];
  for (let i = 0; i < relevance.length; i++) {
    sum += relevance[i];
    absolute += Math.abs(relevance[i]);
  }
  const shares = Float64Array.from(relevance, (value) => (absolute > 0 ? value / absolute : 0));
  return { shares, sum };
}

/** Adds what a layer's channels are in one photo; keeps `most` references of each channel. */
export function addPhoto(
  survey: LayerSurvey,
  reading: ChannelReading,
  { photo, target, named, score }: SurveyedPhoto,
  most: number,
): void {
  const { layer, all, classes, through, references } = survey;
  const own = classes.get(named) ?? noTally(layer.channels);
  classes.set(named, own);
  for (const { shares, activations } of [all, own]) {
    addMoments(shares, reading.shares);
    addMoments(activations, reading.activations);
  }
  if (score !== 0) addMoments(through, [reading.sum / score]);
  const columns = layer.grid[1];
  const keep = (kind: ReferenceKind, c: number, value: number, peak: number) => {
    const at: ReferencePhoto['at'] = [Math.floor(peak / columns), peak % columns];
    keepBest(references[kind][c], { photo, value, at, target }, most);
  };
  for (let c = 0; c < layer.channels; c++) {
    keep('relevance', c, reading.shares[c], Number(reading.relevancePeaks[c]));
    keep('activation', c, reading.activations[c], Number(reading.activationPeaks[c]));
  }
}

/**
 * Adds what is known of a layer after other photos. References are those of one survey of all photos; sums, which are
 * added in another order, are so but for the rounding of their last bits.
 */
export function mergeSurvey(survey: LayerSurvey, other: LayerSurvey, most: number): void {
  const { layer, all, classes, through, references } = survey;
  const merge = (to: ChannelTally, from: ChannelTally) => {
    mergeMoments(to.shares, from.shares);
    mergeMoments(to.activations, from.activations);
  };
  merge(all, other.all);
  for (const [name, tally] of other.classes) {
    const own = classes.get(name) ?? noTally(layer.channels);
    classes.set(name, own);
    merge(own, tally);
  }
  mergeMoments(through, other.through);
  for (const kind of ['relevance', 'activation'] as const)
    for (let c = 0; c < layer.channels; c++)
      for (const each of other.references[kind][c]) keepBest(references[kind][c], each, most);
}
