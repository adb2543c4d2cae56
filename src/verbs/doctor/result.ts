import type { DefinitionMistake } from '../../data/definitions/mistakes.ts';
import type { Diagnosis, MistakeEvidence, MistakeKind, Tried } from '../../evaluation/index.ts';
import type { Preprocessing, ResizeMode } from '../../graph/index.ts';
import type { NoteEvent, ProgressEvent } from '../verb.ts';

/** Fields of an import that states anew how photos are prepared. */
export interface PreparationFields {
  readonly resize?: { readonly height: number; readonly width: number } | undefined;
  readonly resizeMode?: ResizeMode | undefined;
  readonly crop?: { readonly height: number; readonly width: number } | undefined;
  readonly channels?: Preprocessing['channels'] | undefined;
  readonly mean?: readonly number[] | undefined;
  readonly scale?: number | undefined;
  readonly std?: readonly number[] | undefined;
}

/** How a mistake is mended. */
export type Fix =
  | { readonly kind: 'advice'; readonly text: string }
  /** The model is imported again, with these fields and, where they are wrong, names of its classes. */
  | {
      readonly kind: 'import';
      readonly fields: PreparationFields;
      readonly labels?: readonly string[] | undefined;
    }
  /** The same request with an `output` writes the mended model: its layers or its mean image change. */
  | { readonly kind: 'output' };

/** A mistake, or a sign of one. */
export interface DoctorFinding {
  /** `preparation`: the model does not say how photos are prepared for it. */
  readonly kind: MistakeKind | 'preparation';
  readonly what: string;
  readonly evidence?: MistakeEvidence | undefined;
  /** The evidence's p, adjusted for the number of things that were tried at the same time. */
  readonly adjusted?: number | undefined;
  readonly tried?: number | undefined;
  /** What these photos cannot tell from it. */
  readonly equals: readonly string[];
  /** Mends this finding alone. */
  readonly fix: Fix;
}

/** What the doctor found, in order of how much it would change. */
export interface DoctorResult extends Pick<Diagnosis, 'measure' | 'value' | 'unseen' | 'notes' | 'pixels'> {
  readonly model: string;
  readonly data: string;
  readonly target: string;
  /** Photos that were answered, of those that there are, and what chose them. */
  readonly sample: { readonly photos: number; readonly of: number; readonly seed: number };
  readonly findings: readonly DoctorFinding[];
  /** Mends all findings at once, where there are any. */
  readonly fix?: Fix | undefined;
  readonly tried: readonly Tried[];
  /** The files of the mended model. */
  readonly written?: readonly string[] | undefined;
}

/** How far the work is, and what people should know of it. */
export type DoctorEvent = ProgressEvent | NoteEvent;

/** Something in a definition that does not fit its name, or data that it reads and that are not there. */
export interface DefinitionFinding extends Omit<DefinitionMistake, 'kind'> {
  readonly kind: DefinitionMistake['kind'] | 'missing';
  /** The name of its folder. */
  readonly definition: string;
}

/** What was found in definitions of trainings. */
export interface DefinitionsResult {
  readonly definitions: string;
  /** Folders with definitions in them. */
  readonly folders: number;
  /** Files that were read. */
  readonly files: number;
  /** Folders whose names do not say what their networks are; their files were only held against themselves. */
  readonly unnamed: readonly string[];
  readonly findings: readonly DefinitionFinding[];
}
