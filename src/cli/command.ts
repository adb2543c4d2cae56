import { Command, InvalidArgumentError, Option as PlainOption } from 'commander';
import { meant } from '../common/nearest.ts';
import { parseExtent, parseShape } from '../common/parse.ts';
import { quoted } from '../common/quoted.ts';
import { styled } from './terminal.ts';

export { Command, CommanderError } from 'commander';

/** An option. A value that is none of its choices is answered with the one that was probably meant. */
export class Option extends PlainOption {
  override choices(names: readonly string[]): this {
    super.choices(names);
    return this.argParser((word: string, before: unknown) => {
      if (!names.includes(word)) invalid(meant(word, names));
      if (!this.variadic) return word;
      return Array.isArray(before) && before !== this.defaultValue ? [...before, word] : [word];
    });
  }
}

/** A command with the manners that all have: wrong calls throw, help goes on after the options with examples. */
export function command(name: string): Command {
  return new Command(name)
    .exitOverride()
    .allowExcessArguments(false)
    .configureOutput({ outputError: () => {} })
    .configureHelp({
      helpWidth: Math.min(process.stdout.columns || 110, 110),
      showGlobalOptions: true,
      styleTitle: (title) => styled(process.stdout, 'bold', title),
    })
    .helpOption('-h, --help', 'show this help');
}

/** Examples below a command's help: lines of `what it does`, `the call`. */
export function withExamples(
  given: Command,
  examples: readonly (readonly [what: string, call: string])[],
): Command {
  const lines = examples.map(([what, call]) => `  # ${what}\n  $ ${call}`);
  return given.addHelpText('after', `\nExamples:\n${lines.join('\n\n')}`);
}

/** What an argument of photos takes. */
export const photosArgument =
  "photos, folders of them, patterns in quotes ('photos/*.jpg'), or - for standard input";

/** Where and how a model is run. */
export interface RunOptions {
  readonly provider: 'cpu' | 'webgpu' | 'cuda' | 'wasm';
  readonly threads?: number;
}

export function withRunOptions(given: Command): Command {
  return given
    .addOption(
      new Option('--provider <name>', 'where to compute')
        .choices(['cpu', 'webgpu', 'cuda', 'wasm'])
        .default('cpu'),
    )
    .option('--threads <n>', 'threads in all; as many as there are cores unless given', parseWhole(1));
}

export function withJson(given: Command): Command {
  return given.option('--json', 'print results as one JSON document');
}

/** Says on the command line what `overwrite` of the outputs says. */
export function withOverwrite(given: Command): Command {
  return given.option(
    '--overwrite',
    'replace files that are in the way, though limn did not make them; never one that is read',
  );
}

/** One of several parts of the photos, for other machines or processes to do the others. */
export function withShard(given: Command): Command {
  return given.option(
    '--shard <i/n>',
    'do only part i of n of the photos; limn merge puts the parts together',
    (text) => {
      const [, index, of] = /^(\d{1,9})\/(\d{1,9})$/.exec(text)?.map(Number) ?? [];
      return index >= 1 && index <= of
        ? { index, of }
        : invalid(`expected I/N, as 2/8, with I from 1 to N, got ${quoted(text)}`);
    },
  );
}

/** For commands that write this table. */
export function withParquet(given: Command, table: string): Command {
  return given.option('--parquet', `${table} as Parquet, too: typed columns, for data frames and databases`);
}

/** Parses an option's whole number from `least` on, or to `most`. */
export function parseWhole(least = 0, most = Number.MAX_SAFE_INTEGER): (text: string) => number {
  return (text) => {
    const value = /^[-+]?\d+$/.test(text) ? Number(text) : Number.NaN;
    if (Number.isSafeInteger(value) && value >= least && value <= most) return value;
    const range = most === Number.MAX_SAFE_INTEGER ? `${least} on` : `${least} to ${most}`;
    return invalid(`expected a whole number from ${range}, got ${quoted(text)}`);
  };
}

/** Parses an option's number between `least` and `most`. */
export function parseNumber(
  least = Number.NEGATIVE_INFINITY,
  most = Number.POSITIVE_INFINITY,
): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (Number.isFinite(value) && value >= least && value <= most) return value;
    const range = Number.isFinite(most)
      ? ` from ${least} to ${most}`
      : Number.isFinite(least)
        ? ` from ${least} on`
        : '';
    return invalid(`expected a number${range}, got ${quoted(text)}`);
  };
}

/** Parses an option's size: `256`, or `256x320` for height and width. */
export function parseSize(text: string): { height: number; width: number } {
  return parseExtent(text) ?? invalid(`expected 256 or HEIGHTxWIDTH, got ${quoted(text)}`);
}

/** Parses an option's shape of four numbers: `1,3,224,224`. */
export function parseInputShape(text: string): number[] {
  return parseShape(text) ?? invalid(`expected N,C,H,W, got ${quoted(text)}`);
}

/** What is thrown where an option's value is wrong; commander puts the option's name before it. */
function invalid(what: string): never {
  throw new InvalidArgumentError(what);
}
