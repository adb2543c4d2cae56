import type { PreprocessingRecord } from '../../verbs/model.ts';
import type { Preparation } from '../protocol.ts';

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

/** The fields of an import that a form changes of what is known. Errors: a text that is no size or number. */
export function fieldsOfForm(form: PreparationForm, known: PreparationForm): Preparation {
  const changed = (name: keyof PreparationForm) =>
    form[name].trim() !== known[name] && form[name].trim() !== '';
  const labels = form.labels.split('\n').flatMap((line) => line.trim() || []);
  return {
    ...(changed('resize') && { resize: sizeOf('resize', form.resize) }),
    ...(changed('resizeMode') && { resizeMode: form.resizeMode as Preparation['resizeMode'] }),
    ...(changed('crop') && { crop: sizeOf('crop', form.crop) }),
    ...(changed('channels') && { channels: form.channels as Preparation['channels'] }),
    ...(changed('mean') && { mean: numbersOf('mean', form.mean) }),
    ...(changed('scale') && { scale: numbersOf('scale', form.scale)[0] }),
    ...(changed('std') && { std: numbersOf('standard deviation', form.std) }),
    ...(labels.length > 0 && { labels }),
  };
}

function sizeOf(what: string, text: string): { height: number; width: number } {
  const [height, width = height] = text.split(/[×x,]/).map(Number);
  if (![height, width].every((side) => Number.isInteger(side) && side > 0))
    throw new Error(`${what}: '${text}' is no size; write 224 or 224×256`);
  return { height, width };
}

function numbersOf(what: string, text: string): number[] {
  const numbers = text
    .split(/[\s,;]+/)
    .filter(Boolean)
    .map(Number);
  if (numbers.length === 0 || !numbers.every(Number.isFinite))
    throw new Error(`${what}: '${text}' is no list of numbers; write 104, 117, 123`);
  return numbers;
}
