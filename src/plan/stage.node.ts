import { join } from 'node:path';
import { fail, LimnError } from '../common/error.ts';
import { parseExtent, parseShape } from '../common/parse.ts';
import { quoted } from '../common/quoted.ts';
import type { PlannedFiles } from './files.node.ts';
import type { Spec, Stage } from './spec.ts';
import type { Input } from './unit.ts';
import { fixedPath, type PlannedPath } from './value.ts';
import { type Case, choiceFor, filled } from './variables.ts';

/** One case of a specification, and the files that it names. */
export interface CaseOf {
  readonly spec: Spec;
  readonly each: Case;
  readonly files: PlannedFiles;
}

/** A file in the folder of a case's definition. */
export const inDefinition = ({ spec, each }: CaseOf, file: string): string =>
  join(spec.definitions?.text ?? '', each.definition, file);

/** A file or folder that a unit reads. */
export interface Read {
  readonly path: PlannedPath;
  readonly input: Input;
}

/** What a stage of a specification says of one case, option by option. Errors name the stage. */
export interface StageValues {
  /** All values; undefined where there are none. */
  texts(name: string): string[] | undefined;
  text(name: string): string | undefined;
  required(name: string): string;
  number(name: string): number | undefined;
  extent(name: string): { height: number; width: number } | undefined;
  shape(name: string): number[] | undefined;
  /** True, or undefined. */
  flag(name: string): true | undefined;
  /** True or false, where what holds without it is true. */
  either(name: string): boolean | undefined;
  /** Names with a value each; undefined where there are none. */
  pairs(name: string): (readonly [name: string, value: string])[] | undefined;
}

export function stageValues({ options, pairs, where }: Stage, { spec, each }: CaseOf): StageValues {
  const texts = (name: string) => choiceFor(options.get(name), each, spec);
  const text = (name: string): string | undefined => {
    const values = texts(name);
    if (values && values.length !== 1) fail(where, `several values for ${quoted(name)}`, 'give one');
    return values?.[0];
  };
  const parsed =
    <T>(parse: (text: string) => T | undefined, expected: string) =>
    (name: string): T | undefined => {
      const given = text(name);
      return given === undefined
        ? undefined
        : (parse(given) ?? fail(where, `${quoted(name)}: expected ${expected}, got ${quoted(given)}`));
    };
  const either = parsed(
    (given) => (given === 'true' ? true : given === 'false' ? false : undefined),
    'true or false',
  );
  return {
    texts,
    text,
    required: (name) => text(name) ?? fail(where, `${quoted(name)} has no value for ${each.definition}`),
    number: parsed((given) => {
      const value = given.trim() === '' ? Number.NaN : Number(given);
      return Number.isFinite(value) ? value : undefined;
    }, 'a number'),
    extent: parsed(parseExtent, '256 or HEIGHTxWIDTH'),
    shape: parsed(parseShape, 'N,C,H,W'),
    flag: (name) => either(name) || undefined,
    either,
    pairs: (name) =>
      pairs
        .get(name)
        ?.map(
          ([key, value]) => [filled({ ...value, text: key }, each, spec), filled(value, each, spec)] as const,
        ),
  };
}

/** A file counts by its contents, a folder by its path as it is written. */
export async function reads(files: PlannedFiles, path: string): Promise<Read> {
  const sha256 = await files.sha256(path);
  const planned = files.planned(path);
  return { path: fixedPath(planned, sha256 ?? path), input: { path: planned, sha256 } };
}

/** Does something with a stage's values; what is wrong with a request is wrong with the stage. */
export function ofStage<T>({ where }: Stage, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof LimnError && error.kind === 'request'
      ? error.with({ kind: 'input' }, `${where}: ${error.where}`)
      : error;
  }
}
