import { samplingDefaults as usual } from '../../attribution/defaults.ts';
import type { Method } from '../../attribution/index.ts';
import { methodNames } from '../../attribution/method.ts';
import { composites } from '../../relevance/composites/composites.ts';
import { formulaCodes, formulaNames } from '../../relevance/composites/toolbox.ts';
import type { Start, ToolboxOptions } from '../../relevance/index.ts';
import { type Command, Option, parseNumber, parseWhole } from '../command.ts';

/** Options of layer-wise relevance propagation. */
export interface LrpOptions extends ToolboxOptions {
  readonly composite?: string;
  readonly formula?: string;
  readonly injectAuxiliary?: boolean;
}

export function withLrpOptions(given: Command): Command {
  return withPropagationOptions(given).option(
    '--inject-auxiliary',
    'as the original: auxiliary heads add their probabilities as relevance',
  );
}

/** Those that say by which rules relevance goes from node to node. */
export function withPropagationOptions(given: Command): Command {
  return given
    .addOption(
      new Option(
        '--composite <name>',
        'rules by name; unless given epsilon-gamma-box, or cp-lrp where there is attention, or epsilon-plus-flat for ' +
          'models without preprocessing',
      ).choices(Object.keys(composites)),
    )
    .addOption(
      new Option('--formula <code>', "rules by the LRP Toolbox's code or name").choices([
        ...formulaCodes.map(String),
        ...Object.keys(formulaNames),
      ]),
    )
    .option('--epsilon <e>', 'stabiliser of the epsilon rule', parseNumber(0))
    .option('--beta <b>', 'of the alpha-beta rule; alpha is 1 + beta', parseNumber(0))
    .option('--gamma <g>', 'of the gamma rule', parseNumber(0))
    .option(
      '--up-to <layer>',
      'how far up the rule of the lower layers goes; numbers as in limn inspect',
      parseWhole(),
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
    );
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

/** A formula as requests take it: its code, or the toolbox's name. */
export const formulaOf = (given: string | undefined): number | string | undefined =>
  given === undefined || given in formulaNames ? given : Number(given);

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
  readonly cells?: number;
  readonly keep?: number;
}

export function withMethodOptions(given: Command): Command {
  given.addOption(new Option('--method <name>', 'how to explain').choices([...methodNames]).default('lrp'));
  return withStartOption(withLrpOptions(given))
    .option('--head <name>', 'the output to explain; the first with classes unless given')
    .option('--layer <name...>', 'relevance at these layers, too; for the -cam methods, their feature maps')
    .option('--conservation', 'report what each layer received, passed on and lost')
    .option(
      '--samples <n>',
      `of smoothgrad (${usual.smoothgrad.samples} unless given), gradient-shap (${usual['gradient-shap'].samples}), ` +
        `rise (${usual.rise.samples}), kernel-shap (${usual['kernel-shap'].samples} and two for each square)`,
      parseWhole(1),
    )
    .option(
      '--noise <fraction>',
      `of smoothgrad (${usual.smoothgrad.noise} unless given) and gradient-shap (${usual['gradient-shap'].noise}), of the image's range`,
      parseNumber(0),
    )
    .option('--seed <n>', 'of what is random in a method; 0 unless given', parseWhole())
    .option(
      '--steps <n>',
      `of integrated-gradients; ${usual['integrated-gradients'].steps} unless given`,
      parseWhole(1),
    )
    .addOption(new Option('--rule <name>', 'of integrated-gradients').choices(['gauss-legendre', 'midpoint']))
    .option(
      '--baseline <what>',
      'what stands for nothing there: zero (unless given), black, gray, white, a number, X.npy',
    )
    .option(
      '--window <pixels>',
      'of occlusion (a seventh of the shorter side unless given), and the squares of kernel-shap (a fifth)',
      parseWhole(1),
    )
    .option('--stride <pixels>', 'of occlusion', parseWhole(1))
    .option('--cells <n>', `a side of the masks of rise; ${usual.rise.cells} unless given`, parseWhole(1))
    .option(
      '--keep <share>',
      `of cells that the masks of rise show; ${usual.rise.keep} unless given`,
      parseNumber(0, 1),
    )
    .addOption(
      new Option(
        '--of <what>',
        'of occlusion, kernel-shap and score-cam (score unless given) and rise (probability): whose value',
      ).choices(['score', 'probability']),
    );
}
