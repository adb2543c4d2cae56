import { fromBase64, toBase64 } from '../common/base64.ts';
import { bytesOf } from '../common/bytes.ts';
import type { ExactMoments } from '../common/exactmoments.ts';
import { type ExactSums, keptSums, sumsOf } from '../common/exactsum.ts';
import type { Identity } from '../common/journal.ts';
import { parseVersioned } from '../common/versioned.ts';
import type { ChannelLayer } from './graph.ts';
import type { ChannelTally, LayerSurvey, ReferenceKind, ReferencePhoto } from './survey.ts';

/** The file of a survey, in its folder: it is begun with the first photo and finished with the last. */
export const SURVEY_FILE = 'references.json';

/** A photo that could not be surveyed. */
export interface UnreadPhoto {
  readonly index: number;
  readonly photo: string;
  readonly error: string;
}

/** What is known of all layers after some photos of a data set. */
export interface ConceptSurvey {
  /** What makes two surveys the same. */
  readonly identity: Identity;
  /** Photos are done up to this number, but for those that could not be read. */
  next: number;
  unread: readonly UnreadPhoto[];
  readonly layers: readonly LayerSurvey[];
  /** What relevance was propagated by, in words. */
  readonly rules: string;
}

const format = 'limn concept survey 2';

/** A survey as JSON: sums exact as they are, so that work that goes on comes to the same. */
export interface SurveyRecord extends Omit<ConceptSurvey, 'layers'> {
  readonly layers: readonly LayerRecord[];
}

/** A survey as plain data, ready for JSON. */
export const surveyRecord = ({ layers, ...rest }: ConceptSurvey): SurveyRecord => ({
  ...rest,
  layers: layers.map(layerRecord),
});

/** The survey of plain data that {@link surveyRecord} made. */
export const surveyOf = ({ identity, next, unread, rules, layers }: SurveyRecord): ConceptSurvey => ({
  ...{ identity, next, unread, rules },
  layers: layers.map(layerOf),
});

/** A survey as text. */
export const surveyText = (survey: ConceptSurvey): string =>
  `${JSON.stringify({ format, ...surveyRecord(survey) })}\n`;

/** Reads what {@link surveyText} wrote. Errors: it is none, or of another version. */
export const parseSurvey = (text: string, path: string): ConceptSurvey =>
  surveyOf(
    parseVersioned(text, path, {
      format,
      what: 'a survey of concepts',
      fix: 'remove it, or give another folder',
    }) as SurveyRecord,
  );

/** The bins of exact sums of so many channels, and their values in base64. */
type SumsRecord = readonly [length: number, bins: readonly number[], values: string];
type MomentsRecord = readonly [n: number, sums: SumsRecord, squares: SumsRecord];
type TallyRecord = { readonly shares: MomentsRecord; readonly activations: MomentsRecord };
type ReferenceRecord = readonly [
  photo: number,
  value: number,
  at: readonly [number, number],
  classes: readonly number[],
  against: readonly number[],
];

interface LayerRecord {
  readonly layer: ChannelLayer;
  readonly all: TallyRecord;
  readonly classes: readonly (readonly [name: string, tally: TallyRecord])[];
  readonly through: MomentsRecord;
  readonly references: Readonly<Record<ReferenceKind, readonly (readonly ReferenceRecord[])[]>>;
}

function layerRecord({ layer, all, classes, through, references }: LayerSurvey): LayerRecord {
  const list = (each: readonly ReferencePhoto[]): ReferenceRecord[] =>
    each.map(({ photo, value, at, target }) => [photo, value, at, target.classes, target.against]);
  return {
    layer,
    all: tallyRecord(all),
    classes: [...classes].map(([name, tally]) => [name, tallyRecord(tally)]),
    through: momentsRecord(through),
    references: {
      relevance: references.relevance.map(list),
      activation: references.activation.map(list),
    },
  };
}

function layerOf({ layer, all, classes, through, references }: LayerRecord): LayerSurvey {
  const list = (each: readonly ReferenceRecord[]): ReferencePhoto[] =>
    each.map(([photo, value, at, own, against]) => ({ photo, value, at, target: { classes: own, against } }));
  return {
    layer,
    all: tallyOf(all),
    classes: new Map(classes.map(([name, tally]) => [name, tallyOf(tally)])),
    through: momentsOf(through),
    references: {
      relevance: references.relevance.map(list),
      activation: references.activation.map(list),
    },
  };
}

const tallyRecord = ({ shares, activations }: ChannelTally): TallyRecord => ({
  shares: momentsRecord(shares),
  activations: momentsRecord(activations),
});

const tallyOf = ({ shares, activations }: TallyRecord): ChannelTally => ({
  shares: momentsOf(shares),
  activations: momentsOf(activations),
});

const momentsRecord = ({ n, sums, squares }: ExactMoments): MomentsRecord => [
  n,
  sumsRecord(sums),
  sumsRecord(squares),
];

const momentsOf = ([n, sums, squares]: MomentsRecord): ExactMoments => ({
  n,
  sums: exactOf(sums),
  squares: exactOf(squares),
});

function sumsRecord(sums: ExactSums): SumsRecord {
  const { bins, values } = keptSums(sums);
  return [sums.length, bins, toBase64(bytesOf(values))];
}

const exactOf = ([length, bins, values]: SumsRecord): ExactSums =>
  sumsOf(length, { bins, values: doubles(values) });

/** Little-endian, as all machines are that this runs on. */
const doubles = (text: string): Float64Array =>
  new Float64Array((fromBase64(text) ?? new Uint8Array()).slice().buffer);
