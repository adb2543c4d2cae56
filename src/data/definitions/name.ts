import { fail } from '../../common/error.ts';
import { type AdienceAlignment, type AdienceTarget, TARGETS } from '../lists/adience.ts';

/** How the photos of a network were brought into place, as the paper's tables call it: `i`, `r`, `m`. */
export type PaperPreprocessing = 'i' | 'r' | 'm';

export const PREPROCESSINGS: Readonly<Record<PaperPreprocessing, AdienceAlignment>> = {
  i: 'aligned',
  r: 'unaligned',
  m: 'mixed',
};

/** What the name of a definition's folder says of its network. */
export interface DefinitionName {
  readonly name: string;
  readonly target: AdienceTarget;
  /** As the paper's tables call it; of others as the folder does. */
  readonly architecture: string;
  readonly preprocessing: PaperPreprocessing;
  /** Where its training starts: from scratch (nothing), ImageNet (`n`), ImageNet and IMDB-WIKI (`w`). */
  readonly initialisation: '' | 'n' | 'w';
  /** Under what name its weights to start from stand; undefined from scratch. */
  readonly weights: string | undefined;
}

const initialisations = { fromscratch: '', finetuning: 'n', imdbwiki: 'w' } as const;

const architectures: Readonly<Record<string, string>> = {
  caffereference: 'CaffeNet',
  googlenet: 'GoogleNet',
  vgg16: 'VGG16',
};

const pattern =
  /^(?<target>[a-z]+)_(?:net_definitions|(?<start>fromscratch|finetuning|imdbwiki)_(?<network>[\w.-]+?))(?:_(?<crops>mixed|unaligned))?$/;

/** Reads a name as the published ones are: `age_finetuning_googlenet_mixed`; undefined where it is none such. */
export function readDefinitionName(name: string): DefinitionName | undefined {
  const { target, start, network = '', crops } = pattern.exec(name)?.groups ?? {};
  const known = TARGETS.find((each) => each === target);
  if (known === undefined) return undefined;
  const preprocessing = crops === 'mixed' ? 'm' : crops === 'unaligned' ? 'r' : 'i';
  const common = { name, target: known, preprocessing } as const;
  if (start === undefined)
    return { ...common, architecture: 'AdienceNet', initialisation: '', weights: undefined };
  const from = start as keyof typeof initialisations;
  return {
    ...common,
    architecture: architectures[network] ?? network,
    initialisation: initialisations[from],
    weights: from === 'fromscratch' ? undefined : from === 'imdbwiki' ? 'imdbwiki' : network,
  };
}

/** {@link readDefinitionName} of a name that must be one. Errors name `where`: it is none such. */
export function parseDefinitionName(name: string, where: string): DefinitionName {
  return (
    readDefinitionName(name) ??
    fail(
      where,
      `'${name}' does not say what its network is`,
      "name it like age_finetuning_googlenet_mixed, or leave it out by 'only'",
    )
  );
}
