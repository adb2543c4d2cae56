import { count, plural } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import type { Unit } from '../../plan/index.ts';
import { type Command, command, withExamples, withJson, withOverwrite } from '../command.ts';
import { print, printJson } from '../output.ts';
import { table } from '../table.ts';

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
  ]).action(planUnits);
}

async function planUnits(spec: string, { output, overwrite, json }: Options): Promise<void> {
  const { plan } = await import('../../plan/plan.node.ts');
  const made = await withOutputs({ overwrite }, (outputs) => plan({ spec, output }, { outputs }));
  if (json) return printJson(made);
  const { units, counts } = made;
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
