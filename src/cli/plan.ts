import { dirname, resolve } from 'node:path';
import { readText } from '../common/file.node.ts';
import { count, plural } from '../common/format.ts';
import { type Outputs, withOutputs } from '../common/outputs.node.ts';
import { version } from '../common/version.ts';
import type { Unit } from '../plan/index.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from './command.ts';
import { print, printJson } from './output.ts';
import { table } from './table.ts';

interface Options {
  readonly output: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
}

export function planCommand(): Command {
  const given = command('plan')
    .description(
      'Lists the trainings, imports and evaluations that a specification asks for, as units for limn run or any other ' +
        'executor. A unit has an id made of what determines its result: definitions, weights, options, seed. So a change ' +
        'gives new ids to what it concerns, and to nothing else.',
    )
    .argument('<spec>', 'what is wanted: a .yaml file')
    .requiredOption('-o, --output <file>', 'the plan to write; units work in folders beside it');
  return withExamples(withJson(withOverwrite(given)), [
    ['the units of an experiment', 'limn plan adience.yaml -o work/plan.json'],
    ['then', 'limn run work/plan.json --workers 2'],
  ]).action((path: string, options: Options) =>
    withOutputs(options, (outputs) => plan(outputs, path, options)),
  );
}

async function plan(outputs: Outputs, path: string, { output, json }: Options): Promise<void> {
  outputs.reads([path]);
  await outputs.claim([output]);
  const [{ readSpec, writePlan }, { expand }] = await Promise.all([
    import('../plan/index.ts'),
    import('../plan/expand.node.ts'),
  ]);
  const units = await expand(readSpec(await readText(path, 'a specification in YAML'), path), output);
  outputs.reads(units.flatMap(({ inputs }) => inputs.map((each) => resolve(dirname(output), each.path))));
  await outputs.write(output, writePlan({ limn: version, units }));
  const counts: Record<string, number> = {};
  for (const { kind } of units) counts[kind] = (counts[kind] ?? 0) + 1;
  if (json) return printJson({ plan: output, counts, units });
  const each = Object.entries(counts).map(([kind, n]) => `${count(n)} ${kind}`);
  print(`${plural(units.length, 'unit')}: ${each.join(', ')}\n\n`);
  print(table([{ title: 'unit' }, { title: 'id' }, { title: 'iterations', align: 'right' }], rowsOf(units)));
  print(`\n→ ${output}\n`);
}

/** The first units; a plan is for reading in the file. */
function rowsOf(units: readonly Unit[]): string[][] {
  const most = 10;
  const rows = units
    .slice(0, most)
    .map(({ name, id, progress }) => [name, id.slice(0, 12), progress ? count(progress.iterations) : '']);
  return units.length > most ? [...rows, [`… ${count(units.length - most)} more`]] : rows;
}
