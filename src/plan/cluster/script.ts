import { shellWord } from '../../common/shell.ts';
import { rangesOf, type UnitArray } from './arrays.ts';

/** What every task is given, as sbatch takes it; the cluster's own defaults where nothing is said. */
export interface TaskResources {
  readonly partition?: string | undefined;
  /** The time limit: `30`, `2:00:00`, `1-12`. */
  readonly time?: string | undefined;
  readonly cpus?: number | undefined;
  readonly mem?: string | undefined;
  readonly gres?: string | undefined;
  /** Further options, as `--account=lab`. */
  readonly sbatch?: readonly string[] | undefined;
}

/** How units are run in a job. */
export interface ScriptOptions {
  /** The plan's folder, absolute, at the same place on all nodes. */
  readonly root: string;
  /** The plan's file in it. */
  readonly plan: string;
  /** The folder for what jobs say, absolute. */
  readonly logs: string;
  /** limn's program as words of a shell, such as `node main.js`. */
  readonly limn: string;
  readonly resources: TaskResources;
  /** Units of an array at the same time; all unless given. */
  readonly maxUnits?: number | undefined;
  /** Seconds before the time limit at which a unit is told to save what it has. */
  readonly grace: number;
  /** Seconds that a shared folder may take to show what another machine wrote. */
  readonly settle: number;
}

/** The batch script of an array, as sbatch takes it; the dependency is left to the call. */
export function scriptOf({ name, units }: UnitArray, options: ScriptOptions): string {
  const { root, plan, logs, limn, resources, maxUnits, grace, settle } = options;
  const { partition, time, cpus, mem, gres, sbatch = [] } = resources;
  const log = logs.replaceAll('%', '%%');
  const tasks = `${rangesOf(units.keys())}${maxUnits === undefined ? '' : `%${maxUnits}`}`;
  const given = {
    'job-name': `limn-${name}`,
    array: tasks,
    chdir: root,
    output: `${log}/${name}-%a.log`,
    'open-mode': 'append',
    requeue: undefined,
    'kill-on-invalid-dep': 'yes',
    signal: `B:USR1@${grace}`,
    ...(partition !== undefined && { partition }),
    ...(time !== undefined && { time }),
    ...(cpus !== undefined && { 'cpus-per-task': String(cpus) }),
    ...(mem !== undefined && { mem }),
    ...(gres !== undefined && { gres }),
  };
  const lines = Object.entries(given).map(([key, value]) =>
    value === undefined ? `--${key}` : `--${key}=${optionWord(value)}`,
  );
  const all = [...units].map(([task, unit]) => `  [${task}]=${shellWord(`${unit.id} ${unit.folder}`)}`);
  return `#!/bin/bash
${[...lines, ...sbatch].map((line) => `#SBATCH ${line}`).join('\n')}

# The unit of each task, and its folder.
units=(
${all.join('\n')}
)
root=${shellWord(root)}
plan=${shellWord(plan)}
settle=${settle}
read -r unit folder <<<"\${units[$SLURM_ARRAY_TASK_ID]}"
${body(limn)}`;
}

/** The dependency of an array in sbatch's words, once the jobs of earlier ones have their ids. */
export function dependencyOf({ after }: UnitArray, jobs: readonly string[]): string | undefined {
  if (!after) return undefined;
  if ('each' in after) return `aftercorr:${after.each.map((array) => jobs[array]).join(':')}`;
  const ids = after.all.map((before) => {
    if ('queued' in before) return before.queued;
    return before.task === undefined ? jobs[before.array] : `${jobs[before.array]}_${before.task}`;
  });
  return `afterok:${ids.join(':')}`;
}

/** Any text as a value in a line of sbatch's options, which knows double quotes and backslashes. */
const optionWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `"${text.replace(/["\\]/g, '\\$&')}"`;

/** What each task does; the same for all. */
const body = (limn: string): string => `
task=\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID
say() { echo "limn: $SLURMD_NODENAME: $*" >&2; }

# Slurm sends USR1 before the time limit, and TERM when it ends the job; limn cancel sends USR2. The unit then saves what it has;
# before it has begun there is nothing to save.
why=
runner=
end() {
  why=$1
  [ -n "$runner" ] || exit 143
  kill "$runner" 2>/dev/null
}
trap 'end limit' USR1
trap 'end cancel' USR2
trap 'end cancel' TERM

# A shared folder may come to a node late.
for ((waited = 0; waited <= settle; waited++)); do
  cd -- "$root" 2>/dev/null && [ -r "$plan" ] && break
  sleep 1
done
if ! [ -r "$plan" ]; then
  say "$root/$plan is not there: the plan's folder must be at the same path on all nodes"
  exit 75
fi

# What an interrupted unit goes on from.
kept() {
  find "$folder" -type f ! -name output.log ! -name unit.json ! -name 'lock.*' ! -name '.*' -printf '%P %s\\n' 2>/dev/null | sort
}
before=$(kept)
again() {
  say "$1: requeued"
  scontrol requeue "$task" && sleep 600
  say "$1, and it could not be requeued: run the plan again"
  exit 75
}

${limn} run "$plan" --only "$unit" --settle "$settle" &
runner=$!
while wait "$runner"; kill -0 "$runner" 2>/dev/null; do :; done
wait "$runner"
code=$?
trap '' USR1 USR2 TERM

if [ "$code" -ne 0 ] && [ "$why" = limit ]; then
  # A slow start is forgiven twice; a unit that never comes further would be requeued for ever.
  vain=0
  if [ "$(kept)" = "$before" ]; then vain=$(($(cat "$folder/.vain" 2>/dev/null) + 1)); fi
  echo "$vain" >"$folder/.vain"
  if [ "$vain" -ge 3 ]; then
    say "stopped by the time limit three times and no further: give it more time"
    rm -f "$folder/.vain"
    exit 1
  fi
  again "stopped by the time limit"
fi
# Killed by something else, such as the memory's limit.
if [ "$code" -gt 128 ] && [ -z "$why" ] && [ "\${SLURM_RESTART_COUNT:-0}" -lt 2 ]; then
  again "ended by signal $((code - 128))"
fi
exit "$code"
`;
