import type { AnalysedData, AnalysedModel } from '../common/analysed.ts';
import { parseVersioned } from '../common/versioned.ts';
import type { PixelWindow } from './field.ts';
import type { MeanEstimate } from './moments.ts';
import type { ReferenceKind } from './survey.ts';

/** The file of a report on concepts, in its folder. */
export const CONCEPTS_FILE = 'concepts.json';

/** A photo that shows what a channel stands for. */
export interface ShownReference {
  readonly kind: ReferenceKind;
  readonly photo: string;
  /** The channel's share of the layer's Σ|relevance|, or its largest activation. */
  readonly value: number;
  /** What was explained. */
  readonly target: string;
  /** Where in the channel's feature map it is strongest. */
  readonly at: readonly [row: number, column: number];
  /** The receptive field of that place, in pixels of the network's input. */
  readonly field: PixelWindow;
  /** What is shown: where the conditional relevance lies. */
  readonly crop: PixelWindow;
}

/** A channel of a layer, with what it may stand for. */
export interface Concept {
  readonly channel: number;
  /** Its share of the layer's Σ|relevance|, over all photos. */
  readonly share: MeanEstimate;
  /** Its largest activation in a photo. */
  readonly activation: MeanEstimate;
  readonly references: readonly ShownReference[];
}

/** A channel with its share, for a class or a photo. */
export interface ChannelShare {
  readonly channel: number;
  readonly share: number;
  readonly low?: number | undefined;
  readonly high?: number | undefined;
}

/** A layer, its channels that carried most, and those of each class. */
export interface AnalysedLayer {
  readonly name: string;
  readonly channels: number;
  readonly grid: readonly [rows: number, columns: number];
  /** The share of the explained score that passes through the layer; 1 where all ways lead through it. */
  readonly through: MeanEstimate;
  /** How many channels, the strongest first, hold half of the mean shares that are positive. */
  readonly half: number;
  readonly concepts: readonly Concept[];
  readonly classes: readonly {
    readonly name: string;
    readonly photos: number;
    readonly channels: readonly ChannelShare[];
  }[];
  /** The sheet of its concepts, beside the report; absent where none is drawn. */
  readonly sheet?: string | undefined;
}

/** How much of an upper channel's relevance a channel of the layer below it carried on. */
export interface ConceptEdge {
  readonly upper: { readonly layer: string; readonly channel: number };
  readonly lower: { readonly layer: string; readonly channel: number };
  /** Of Σ|relevance| at the lower layer under the condition: mean over the upper channel's reference photos, or of the photo. */
  readonly share: number;
  readonly photos: number;
}

/** A photo that is explained by its concepts. */
export interface ExplainedByConcepts {
  readonly photo: string;
  readonly target: string;
  readonly score: number;
  readonly layers: readonly {
    readonly name: string;
    readonly channels: readonly (ChannelShare & { readonly crop: PixelWindow })[];
    readonly sheet?: string | undefined;
  }[];
  readonly edges: readonly ConceptEdge[];
  /** The drawing of its attribution graph, beside the report; absent where none is drawn. */
  readonly graph?: string | undefined;
}

/** What is known of the concepts of a network; what `concepts.json` holds. */
export interface ConceptReport {
  readonly format: 'limn concepts 1';
  readonly model: AnalysedModel;
  readonly data: AnalysedData;
  readonly settings: Readonly<Record<string, string | number>>;
  /** What the backward pass did where. */
  readonly rules: string;
  readonly versions: Readonly<Record<string, string>>;
  /** The upper layer first. */
  readonly layers: readonly AnalysedLayer[];
  readonly edges: readonly ConceptEdge[];
  /** The drawing of its attribution graph, beside the report; absent where none is drawn. */
  readonly graph?: string | undefined;
  readonly photos: readonly ExplainedByConcepts[];
  /** What the numbers show, in sentences. */
  readonly findings: readonly string[];
  /** What they do not show. */
  readonly limits: readonly string[];
}

/** Reads what `concepts.json` holds. Errors: it is none, or of another version. */
export const parseConcepts = (text: string, path: string): ConceptReport =>
  parseVersioned(text, path, {
    format: 'limn concepts 1',
    what: 'a report on concepts',
    fix: 'give a concepts.json that limn wrote',
  }) as ConceptReport;
