import type { Baseline, ExplainOptions, Method } from '../../attribution/index.ts';
import { methodNames } from '../../attribution/method.ts';
import { failRequest } from '../../common/error.ts';
import { composites } from '../../relevance/composites.ts';
import type { Start, ToolboxOptions } from '../../relevance/index.ts';
import { formulaCodes } from '../../relevance/toolbox.ts';
import { type Command, number, Option, whole } from '../command.ts';
import { readFloats } from '../tensors.ts';

/** Options of layer-wise relevance propagation. */
export interface LrpOptions extends ToolboxOptions {
  readonly composite?: string;
  readonly formula?: string;
  readonly injectAuxiliary?: boolean;
}

export function withLrpOptions(given: Command): Command {
  return given
    .addOption(
      new Option(
        '--composite <name>',
        'rules by name; unless given iccv2017, or epsilon-plus-flat where branches are added up',
      ).choices(Object.keys(composites)),
    )
    .addOption(
      new Option('--formula <code>', "rules by the LRP Toolbox's code").choices(formulaCodes.map(String)),
    )
    .option('--epsilon <e>', 'stabiliser of the epsilon rule', number(0))
    .option('--beta <b>', 'of the alpha-beta rule; alpha is 1 + beta', number(0))
    .option('--gamma <g>', 'of the gamma rule', number(0))
    .option(
      '--up-to <layer>',
      'how far up the rule of the lower layers goes; numbers as in limn inspect',
      whole(),
    )
    .addOption(
      new Option('--lrn <rule>', 'of local response normalisation').choices([
        'taylor',
        'original',
        'identity',
      ]),
    )
    .addOption(
      new Option('--sums <rule>', 'how branches that are added up share; absolute unless given').choices([
        'absolute',
        'positive',
        'proportional',
      ]),
    )
    .addOption(
      new Option(
        '--variant <name>',
        "faithful: as the paper's code; corrected: as the papers say (default)",
      ).choices(['faithful', 'corrected']),
    )
    .option('--inject-auxiliary', 'as the original: auxiliary heads add their probabilities as relevance');
}

export function withStartOption(given: Command): Command {
  return given.addOption(
    new Option('--start <kind>', 'relevance at the target: its score, one, its probability').choices([
      'score',
      'one',
      'probability',
    ]),
  );
}

/** Options of all methods. */
export interface MethodOptions extends LrpOptions {
  readonly method: Method['method'];
  readonly head?: string;
  readonly start?: Start;
  readonly layer?: readonly string[];
  readonly conservation?: boolean;
  readonly samples?: number;
  readonly noise?: number;
  readonly seed?: number;
  readonly steps?: number;
  readonly baseline?: string;
  readonly rule?: 'gauss-legendre' | 'midpoint';
  readonly window?: number;
  readonly stride?: number;
  readonly of?: 'score' | 'probability';
}

export function withMethodOptions(given: Command): Command {
  given.addOption(new Option('--method <name>', 'how to explain').choices([...methodNames]).default('lrp'));
  return withStartOption(withLrpOptions(given))
    .option('--head <name>', 'the output to explain; the first with classes unless given')
    .option('--layer <name...>', 'relevance at these layers, too; for grad-cam, its feature maps')
    .option('--conservation', 'report what each layer received, passed on and lost')
    .option('--samples <n>', 'of smoothgrad; 25 unless given', whole(1))
    .option('--noise <fraction>', "of smoothgrad, of the image's range; 0.15 unless given", number(0))
    .option('--seed <n>', 'of smoothgrad; 0 unless given', whole())
    .option('--steps <n>', 'of integrated-gradients; 50 unless given', whole(1))
    .addOption(new Option('--rule <name>', 'of integrated-gradients').choices(['gauss-legendre', 'midpoint']))
    .option(
      '--baseline <what>',
      'of integrated-gradients and occlusion: zero, black, gray, white, a number, X.npy',
    )
    .option('--window <pixels>', 'of occlusion', whole(1))
    .option('--stride <pixels>', 'of occlusion', whole(1))
    .addOption(new Option('--of <what>', 'of occlusion: whose drop').choices(['score', 'probability']));
}

type Key = keyof MethodOptions;

const lrpOnly: readonly Key[] = [
  'composite',
  'formula',
  'epsilon',
  'beta',
  'gamma',
  'upTo',
  'lrn',
  'sums',
  'variant',
  'injectAuxiliary',
];

/** Options that belong to some methods only. */
const owners: readonly (readonly [Key, readonly Method['method'][]])[] = [
  ...lrpOnly.map((key) => [key, ['lrp']] as const),
  ['samples', ['smoothgrad']],
  ['noise', ['smoothgrad']],
  ['seed', ['smoothgrad']],
  ['steps', ['integrated-gradients']],
  ['rule', ['integrated-gradients']],
  ['baseline', ['integrated-gradients', 'occlusion']],
  ['window', ['occlusion']],
  ['stride', ['occlusion']],
  ['of', ['occlusion']],
];

/** The method that options ask for. Errors: options of another method, a composite beside a formula code. */
export async function methodOf(options: MethodOptions): Promise<Method & ExplainOptions> {
  const { method, head, start, conservation, samples, noise, seed, steps, rule, window, stride, of } =
    options;
  for (const [key, methods] of owners) {
    if (options[key] === undefined || methods.includes(method)) continue;
    failRequest(flag(key), `it means nothing to ${method}`, `it is for ${methods.join(' and ')}`);
  }
  const common = { head, start, conservation, at: method === 'grad-cam' ? undefined : options.layer };
  switch (method) {
    case 'lrp':
      return { ...common, method, ...lrpOf(options) };
    case 'smoothgrad':
      return { ...common, method, samples, noise, seed };
    case 'integrated-gradients':
      return { ...common, method, steps, rule, baseline: await baselineOf(options.baseline) };
    case 'occlusion':
      return { ...common, method, window, stride, of, fill: await baselineOf(options.baseline) };
    case 'grad-cam': {
      const [layer, ...more] = options.layer ?? [];
      if (more.length > 0) failRequest('--layer', 'grad-cam takes the feature maps of one layer');
      return { ...common, method, layer };
    }
    default:
      return { ...common, method };
  }
}

/** How many times a method runs the network for one image, about. */
export function passesOf(method: Method): number {
  switch (method.method) {
    case 'smoothgrad':
      return (method.samples ?? 25) + 1;
    case 'integrated-gradients':
      return (method.steps ?? 50) + 1;
    case 'occlusion':
      return 100;
    default:
      return 1;
  }
}

/** The parameters of relevance propagation. Errors: a composite beside a formula code. */
export function lrpOf(options: LrpOptions) {
  const { composite, formula, epsilon, beta, gamma, upTo, lrn, sums, variant, injectAuxiliary } = options;
  if (composite && formula)
    failRequest('--formula', 'it and --composite exclude each other', 'give one of them');
  return {
    composite,
    formula: formula === undefined ? undefined : Number(formula),
    epsilon,
    beta,
    gamma,
    upTo,
    lrn,
    sums,
    variant,
    injectAuxiliary,
  };
}

async function baselineOf(text: string | undefined): Promise<Baseline | undefined> {
  if (text === undefined || text === 'zero' || text === 'black' || text === 'gray' || text === 'white')
    return text;
  if (/\.npy$/i.test(text)) return readFloats(text);
  const value = Number(text);
  if (text.trim() !== '' && Number.isFinite(value)) return value;
  return failRequest('--baseline', `'${text}' is none`, 'give zero, black, gray, white, a number or X.npy');
}

/** An option as it is written: `upTo` → `--up-to`. */
const flag = (key: string): string => `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
