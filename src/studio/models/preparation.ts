import type { DoctorFinding, PreparationFields } from '../../verbs/index.ts';
import type { PreprocessingRecord } from '../../verbs/model.ts';
import type { PreparationChange } from '../protocol/index.ts';

/** The form of how photos are prepared, as texts; an empty one leaves what the model says. */
export interface PreparationForm {
  readonly resize: string;
  readonly resizeMode: string;
  readonly crop: string;
  readonly channels: string;
  readonly mean: string;
  readonly scale: string;
  readonly std: string;
  readonly labels: string;
}

const sizeText = ({ height, width }: { readonly height: number; readonly width: number }): string =>
  height === width ? String(height) : `${height}×${width}`;

/** What a model says, as a form. */
export function formOf(how: PreprocessingRecord | undefined): PreparationForm {
  const { resize, crop, channels, mean, scale, std } = how ?? {};
  return {
    resize: resize ? sizeText(resize) : '',
    resizeMode: resize?.mode ?? '',
    crop: crop ? sizeText(crop) : '',
    channels: channels ?? '',
    mean: Array.isArray(mean) ? mean.join(', ') : '',
    scale: scale === undefined ? '' : String(scale),
    std: std ? std.join(', ') : '',
    labels: '',
  };
}

/** A form as it is read: the fields of an import that it changes of what is known, and texts that are no size or number. */
export interface ReadForm {
  readonly fields: PreparationChange;
  readonly wrong: Readonly<Partial<Record<keyof PreparationForm, string>>>;
}

/** Reads a form. */
export function readForm(form: PreparationForm, known: PreparationForm): ReadForm {
  const wrong: Partial<Record<keyof PreparationForm, string>> = {};
  const changed = <Value>(
    name: keyof PreparationForm,
    read: (text: string) => Value,
  ): { [field: string]: Value } => {
    const text = form[name].trim();
    if (text === known[name] || text === '') return {};
    try {
      return { [name]: read(text) };
    } catch (error) {
      wrong[name] = error instanceof Error ? error.message : String(error);
      return {};
    }
  };
  const labels = form.labels.split('\n').flatMap((line) => line.trim() || []);
  const fields: PreparationChange = {
    ...changed('resize', sizeOf),
    ...changed('resizeMode', (text) => text as PreparationChange['resizeMode']),
    ...changed('crop', sizeOf),
    ...changed('channels', (text) => text as PreparationChange['channels']),
    ...changed('mean', numbersOf),
    ...changed('scale', (text) => numbersOf(text)[0]),
    ...changed('std', numbersOf),
    ...(labels.length > 0 && { labels }),
  };
  return { fields, wrong };
}

/** The form that says, besides what it says, what mends a finding of the doctor. */
export function mendedForm(
  form: PreparationForm,
  { resize, resizeMode, crop, channels, mean, scale, std }: PreparationFields,
  labels: readonly string[] | undefined,
): PreparationForm {
  return {
    resize: resize ? sizeText(resize) : form.resize,
    resizeMode: resizeMode ?? form.resizeMode,
    crop: crop ? sizeText(crop) : form.crop,
    channels: channels ?? form.channels,
    mean: mean ? mean.join(', ') : form.mean,
    scale: scale === undefined ? form.scale : String(scale),
    std: std ? std.join(', ') : form.std,
    labels: labels ? labels.join('\n') : form.labels,
  };
}

/** The field beside which a finding is told, if it concerns one. */
export function fieldOfFinding(kind: DoctorFinding['kind']): keyof PreparationForm | undefined {
  switch (kind) {
    case 'channels':
    case 'mean':
    case 'scale':
    case 'std':
    case 'resize':
    case 'crop':
    case 'labels':
      return kind;
    // Mean, scale and deviation at once.
    case 'normalisation':
      return 'mean';
    default:
      return undefined;
  }
}

function sizeOf(text: string): { height: number; width: number } {
  const [height, width = height] = text.split(/[×x,]/).map(Number);
  if (![height, width].every((side) => Number.isInteger(side) && side > 0))
    throw new Error(`'${text}' is no size; write 224 or 224×256`);
  return { height, width };
}

function numbersOf(text: string): number[] {
  const numbers = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (numbers.length === 0 || !numbers.every(Number.isFinite))
    throw new Error(`'${text}' is no list of numbers; write 104, 117, 123`);
  return numbers;
}
