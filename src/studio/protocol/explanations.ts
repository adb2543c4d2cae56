import type { Description } from '../../attribution/index.ts';
import type { AffineMap, Image, ScalarMap } from '../../image/index.ts';
import type { ExplainRequest, ExplanationReading } from '../../verbs/index.ts';

/* What the page is told of explanations: of a photo, of a layer, of a network that has forgotten, of many photos. */

/** An explained photo as the page draws it. */
export interface ShownExplanation {
  readonly item: string;
  readonly reading: ExplanationReading;
  /** Relevance with its channels reduced to one map. */
  readonly map: ScalarMap;
  /** What the network sees of the photo. */
  readonly view: Image;
  /** Where the photo's pixels lie in the network's input, and how large the photo is. */
  readonly toInput: AffineMap;
  readonly photo: { readonly width: number; readonly height: number };
  readonly description: Description;
  /** How the rules were applied, in one line. */
  readonly summary: string;
  /** What a reader of the numbers has to know, in sentences. */
  readonly remarks: readonly string[];
  readonly milliseconds: number;
}

/** What a figure is drawn with besides the explanation. */
export interface Drawing {
  readonly colors: string;
  /** The value at the ends of the colours. */
  readonly limit: number;
  readonly percentile: number;
}

/** Channels of a layer that hold most, the strongest first. */
export interface LayerSheet {
  readonly activations: ChannelSheet;
  /** Undefined for methods that are defined at the input only. */
  readonly relevance: ChannelSheet | undefined;
}

export interface ChannelSheet {
  /** Of one image: C, C×H×W, or tokens × units. */
  readonly shape: readonly number[];
  readonly sum: number;
  /** All channels added up, where each is a map and there are several. */
  readonly whole?: ScalarMap;
  readonly channels: readonly {
    readonly channel: number;
    readonly sum: number;
    readonly absolute: number;
    readonly map: ScalarMap;
  }[];
}

/** An explanation, and how much of the network it is held against is drawn anew: see `randomised` of limn/faithfulness. */
export interface RandomisedRequest {
  readonly request: ExplainRequest;
  /** Of the layers with weights, from the scores down: 0 is none, 1 all. */
  readonly share: number;
  readonly seed: number;
}

/** A map by a network whose weights are in part drawn anew, against that by the network as it was trained. */
export interface ShownRandomised {
  readonly shown: ShownExplanation;
  /** How many layers are drawn anew, and of how many. */
  readonly layers: number;
  readonly of: number;
  /** Spearman's rank correlation of the two maps; NaN where one of them is the same everywhere. */
  readonly rank: number;
}

/** A mean heatmap, and of how many. */
export interface ShownMean {
  readonly map: ScalarMap;
  readonly photos: number;
}

/** What a layer received of the score, and passed on: shares of it. */
export interface DepthBar {
  readonly layer: string;
  readonly received: number;
  readonly passed: number;
}
