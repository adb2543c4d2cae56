import { parseJson } from '../../common/json.ts';
import type { Described } from '../described.ts';
import { isAbsent, readProcessor } from './processor.ts';
import { readTimm } from './timm.ts';

/** The texts of the files of a folder of the Hugging Face hub that describe a network, with their names for errors. */
export interface FolderTexts {
  /** `config.json`. */
  readonly config: { readonly name: string; readonly content: string };
  /** `preprocessor_config.json`; timm's networks have none. */
  readonly processor?: { readonly name: string; readonly content: string } | undefined;
}

/**
 * What a folder of the Hugging Face hub says of its image classifier, a network of transformers or of timm. Errors name file
 * and field.
 */
export function readHuggingFace({ config, processor }: FolderTexts): Described {
  const settings = parseJson(config.content, config.name);
  if (!isAbsent(settings.at('pretrained_cfg'))) return readTimm(settings);
  const labels = labelsOf(settings.at('id2label').value);
  const channels = isAbsent(settings.at('num_channels')) ? 3 : settings.at('num_channels').count();
  if (!processor) return { fields: {}, labels, input: [channels, undefined, undefined] };
  const { fields, input } = readProcessor(parseJson(processor.content, processor.name));
  const [, height, width] = input;
  return { fields, labels, input: [channels, height, width] };
}

/** The names in the order of their numbers; none where they are only what transformers calls classes without names. */
function labelsOf(map: unknown): string[] | undefined {
  if (typeof map !== 'object' || map === null) return undefined;
  const entries = Object.entries(map).sort(([a], [b]) => Number(a) - Number(b));
  const labels = entries.map(([, label]) => String(label));
  return labels.length > 0 && !labels.every((label, i) => label === `LABEL_${i}`) ? labels : undefined;
}
