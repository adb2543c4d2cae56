import { failRequest } from '../../common/error.ts';
import { count, plural } from '../../common/format.ts';
import { withOutputs } from '../../common/outputs.node.ts';
import { shellWord } from '../../common/shell.ts';
import type { RunPlanEvent } from '../../plan/run.node.ts';
import type { ClusterOptions } from '../options/cluster.ts';
import { print, printJson } from '../output.ts';
import { type Board, openBoard } from '../print/board.ts';
import { exitCodeOf, statesAsJson, tellStates } from '../print/units.ts';
import { listen } from '../signals.ts';

type Options = Partial<ClusterOptions> & {
  readonly only?: readonly string[];
  readonly settle?: number;
  readonly output?: string;
  readonly overwrite?: boolean;
  readonly json?: boolean;
};

/** Hands the units of a plan to a cluster's queue, and follows them there if they are not to be left alone. */
export async function runOnCluster(plan: string, options: Options): Promise<void> {
  const { on, wait, detach, dryRun, output, overwrite, json, only, cpus, mem, maxUnits, settle } = options;
  if (wait && detach) failRequest('--wait', 'it and --detach exclude each other', 'give one of them');
  if (dryRun && output === undefined)
    failRequest('--output', 'missing: where to write what would be submitted?', 'add -o FOLDER');
  if (!dryRun && output !== undefined)
    failRequest('--output', 'units work beside their plan', 'leave it out, or add --dry-run');
  if (on === 'kubernetes') {
    if (!dryRun)
      failRequest(
        '--on kubernetes',
        'limn does not talk to clusters',
        'add --dry-run, and submit what it writes',
      );
    const { writeManifest } = await import('../../plan/cluster/manifest.node.ts');
    const { image, volume } = options;
    const request = { plan, only, image, volume, cpus, mem, maxUnits, settle, output: output! };
    const made = await withOutputs({ overwrite }, (outputs) => writeManifest(request, { outputs }));
    if (json) return printJson(made);
    return print(made.files.map((file) => `→ ${file}\n`).join(''));
  }
  const { partition, time, gres, sbatch, grace, limn } = options;
  const request = { plan, only, partition, time, cpus, mem, gres, sbatch, maxUnits, grace, settle, limn };
  if (dryRun) {
    const { writeScripts } = await import('../../plan/cluster/scripts.node.ts');
    const made = await withOutputs({ overwrite }, (outputs) =>
      writeScripts({ ...request, output: output! }, { outputs }),
    );
    if (json) return printJson(made);
    const files = made.files.map((file) => `→ ${file}\n`).join('');
    return print(
      `${plural(made.units, 'unit')}\n${files}submit them by: bash ${shellWord(made.files.at(-1)!)}\n`,
    );
  }
  const { submitPlan } = await import('../../plan/cluster/submit.node.ts');
  const submitted = await submitPlan(request);
  const { jobs, done, queued, blocked } = submitted;
  if (detach) {
    if (json) return printJson({ ...submitted, blocked: statesAsJson(blocked) });
    for (const { unit, what } of blocked) print(`blocked: ${unit.name}: ${what}\n`);
    for (const { job, name, units } of jobs)
      print(`job ${job}: ${name}, ${plural(Object.keys(units).length, 'unit')}\n`);
    return print(
      `${count(sizeOf(jobs))} submitted, ${count(queued)} in the queue before, ${count(done)} done\n`,
    );
  }
  await follow(plan, options);
}

const sizeOf = (jobs: readonly { readonly units: object }[]): number =>
  jobs.reduce((sum, { units }) => sum + Object.keys(units).length, 0);

/** Shows a plan's units until none is in the queue, or until somebody has seen enough. */
async function follow(plan: string, { only, json }: Options): Promise<void> {
  const { followPlan } = await import('../../plan/cluster/status.node.ts');
  let board: Board | undefined;
  const on = (event: RunPlanEvent) => {
    if (event.kind === 'start') board = openBoard(event.root, event.units);
    else board?.change(event.change);
  };
  const signals = listen(() =>
    board?.say(`the units stay in the queue: limn status ${plan}, limn cancel ${plan}`),
  );
  try {
    const status = await followPlan({ plan, only }, { on, stop: signals.stop });
    board?.close();
    if (signals.by) return signals.obey();
    if (json) printJson({ plan, ...statesAsJson(status.units) });
    else tellStates(status.units);
    process.exitCode = exitCodeOf(status.units);
  } finally {
    board?.close();
  }
}
