import { fail } from '../common/error.ts';
import { type Choice, chosen, type Spec } from './spec.ts';
import type { YamlText } from './yaml.ts';

/** What is trained once: a definition, a fold, a seed. */
export interface Case {
  readonly definition: string;
  readonly fold: number | undefined;
  readonly seed: number | undefined;
}

/** Every definition with every fold and seed, those of one definition together. */
export const casesOf = ({ folds, seeds }: Spec, definitions: readonly string[]): Case[] =>
  definitions.flatMap((definition) =>
    (folds ?? [undefined]).flatMap((fold) =>
      (seeds ?? [undefined]).map((seed) => ({ definition, fold, seed })),
    ),
  );

/** `age_finetuning_googlenet/fold-0`; the seed only where there are several. */
export function caseName({ definition, fold, seed }: Case, { seeds }: Spec): string {
  const parts = [
    definition,
    fold !== undefined && `fold-${fold}`,
    seeds && seeds.length > 1 && `seed-${seed}`,
  ];
  return parts.filter(Boolean).join('/');
}

/** A text with `{fold}` and the like filled in. Errors name where the text stands: no such variable, or none for this definition. */
export function filled({ text, where }: YamlText, { definition, fold, seed }: Case, spec: Spec): string {
  return text.replace(/\{([\w-]+)\}/g, (_, name: string) => {
    if (name === 'definition')
      return definition || fail(where, '{definition}, but it is of no one network', 'leave it out');
    if (name === 'seed')
      return String(seed ?? fail(where, '{seed}, but there are no seeds', 'seeds: [1, 2]'));
    if (name === 'fold') return String(fold ?? fail(where, '{fold}, but there are no folds', 'folds: 0-4'));
    const all = ['definition', 'fold', 'seed', ...spec.variables.keys()];
    const choice =
      spec.variables.get(name) ?? fail(where, `unknown {${name}}`, `there are ${all.join(', ')}`);
    return (
      chosen(choice, definition)?.[0]?.text ??
      fail(where, `{${name}} has no value for ${definition}`, `add one under variables: ${name}`)
    );
  });
}

/** What a choice says for a case, filled in. */
export const choiceFor = (choice: Choice | undefined, each: Case, spec: Spec): string[] | undefined =>
  chosen(choice, each.definition)?.map((text) => filled(text, each, spec));
