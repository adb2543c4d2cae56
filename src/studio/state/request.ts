import { samplingDefaults as usual } from '../../attribution/defaults.ts';
import { passesOf } from '../../attribution/fields.ts';
import type { Method } from '../../attribution/method.ts';
import type { ExplainRequest } from '../../verbs/index.ts';

/** One column of the page: a model, what is explained, and how. Plain data, kept in the page's address. */
export interface Column {
  readonly model: string;
  readonly target: string;
  readonly head?: string;
  readonly method: Method['method'];
  /** The method's own parameters, as the request has them. */
  readonly parameters: Readonly<Record<string, string | number>>;
}

/** What is asked of a photo in a column. */
export const requestOf = (
  { model, target, head, method, parameters }: Column,
  photo: string,
  pooling: 'sum' | 'mean' | 'norm',
): ExplainRequest => ({
  model,
  photos: [photo],
  target,
  method,
  ...(head !== undefined && { head }),
  ...parameters,
  ...(pooling !== 'sum' && { pooling }),
});

/** What a column is called. */
export const columnTitle = ({ method, parameters }: Column): string =>
  method === 'lrp' ? String(parameters.composite ?? 'lrp') : method;

/** Fields of an explanation that have to be said elsewhere: not the target and the method that hold unless others are. */
export const saidFields = <Rest extends object>({
  target,
  method,
  ...rest
}: { readonly target?: string | undefined; readonly method?: string | undefined } & Rest) => ({
  ...(target !== undefined && target !== 'predicted' && { target }),
  ...(method !== undefined && method !== 'lrp' && { method }),
  ...rest,
});

/** Methods of so many runs of the network begin when a person says so. */
const manyPasses = 60;

/** Whether a method takes long enough to ask first. */
export const takesLong = ({ method, parameters }: Column): boolean =>
  passesOf({ ...parameters, method } as Method) > manyPasses;

/** The parameters that a person may change, by method: their kind, default and what they do. */
export interface ParameterField {
  readonly name: string;
  readonly label: string;
  readonly kind: 'number' | 'choice';
  /** What holds where nothing is said, in words. */
  readonly initial: string;
  readonly choices?: readonly string[];
  readonly step?: number;
}

const samples = (initial: number): ParameterField => ({
  name: 'samples',
  label: 'samples',
  kind: 'number',
  initial: `${initial}`,
  step: 1,
});
const baseline: ParameterField = {
  name: 'baseline',
  label: 'baseline',
  kind: 'choice',
  initial: 'zero',
  choices: ['zero', 'black', 'gray', 'white'],
};
const noise = (initial: number): ParameterField => ({
  name: 'noise',
  label: 'noise',
  kind: 'number',
  initial: `${initial}`,
  step: 0.01,
});

/** The fields of a method that the page offers; the command line and the library have the rest. */
export function parametersOf(
  method: Method['method'],
  composite: string | undefined,
): readonly ParameterField[] {
  switch (method) {
    case 'lrp':
      if (composite === undefined || /gamma|attnlrp|cp-lrp/.test(composite))
        return [{ name: 'gamma', label: 'γ', kind: 'number', initial: '0.25', step: 0.05 }];
      if (composite === 'alpha-beta')
        return [{ name: 'beta', label: 'β', kind: 'number', initial: '1', step: 0.5 }];
      if (composite === 'epsilon')
        return [{ name: 'epsilon', label: 'ε', kind: 'number', initial: '0.000001', step: 1e-3 }];
      return [];
    case 'smoothgrad':
      return [samples(usual.smoothgrad.samples), noise(usual.smoothgrad.noise)];
    case 'integrated-gradients':
      return [
        {
          name: 'steps',
          label: 'steps',
          kind: 'number',
          initial: `${usual['integrated-gradients'].steps}`,
          step: 1,
        },
        baseline,
      ];
    case 'gradient-shap':
      return [samples(usual['gradient-shap'].samples), noise(usual['gradient-shap'].noise), baseline];
    case 'deeplift':
    case 'score-cam':
      return [baseline];
    case 'occlusion':
      return [
        { name: 'window', label: 'square, pixels', kind: 'number', initial: 'a seventh', step: 1 },
        baseline,
      ];
    case 'rise':
      return [samples(usual.rise.samples)];
    case 'kernel-shap':
      return [
        samples(usual['kernel-shap'].samples),
        { name: 'window', label: 'square, pixels', kind: 'number', initial: 'a fifth', step: 1 },
      ];
    default:
      return [];
  }
}
