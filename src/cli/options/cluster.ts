import { type Command, Option, parseWhole } from '../command.ts';

/** Where the units of a plan run if not here, and with what; the cluster's own defaults unless given. */
export interface ClusterOptions {
  readonly on: 'slurm' | 'kubernetes';
  readonly partition?: string;
  readonly time?: string;
  readonly cpus?: number;
  readonly mem?: string;
  readonly gres?: string;
  readonly sbatch?: readonly string[];
  readonly maxUnits?: number;
  readonly grace?: number;
  readonly limn?: string;
  readonly image?: string;
  readonly volume?: string;
  readonly wait?: boolean;
  readonly detach?: boolean;
  readonly dryRun?: boolean;
}

/** The names of those that have no meaning on the other cluster, and of those that both have. */
export const ofSlurm = ['partition', 'time', 'gres', 'sbatch', 'grace', 'limn', 'wait', 'detach'];
export const ofKubernetes = ['image', 'volume'];
export const ofClusters = ['cpus', 'mem', 'maxUnits', 'dryRun'];

export function withClusterOptions(given: Command): Command {
  return given
    .addOption(
      new Option('--on <cluster>', 'of a plan: where; this machine unless given').choices([
        'slurm',
        'kubernetes',
      ]),
    )
    .option('--partition <name>', 'on Slurm: the partition')
    .option('--time <limit>', 'on Slurm: the time limit of a unit: minutes, 2:00:00, 1-12')
    .option('--cpus <n>', 'on a cluster: processors of a unit', parseWhole(1))
    .option('--mem <size>', 'on a cluster: memory of a unit: 4G; on Kubernetes 4Gi')
    .option('--gres <list>', 'on Slurm: what else of a node a unit needs: gpu:1')
    .option('--sbatch <option...>', 'on Slurm: further options of sbatch: --sbatch=--account=lab')
    .option(
      '--max-units <n>',
      'on Slurm: units of an array at a time, all unless given; on Kubernetes: pods, 4 unless given',
      parseWhole(1),
    )
    .option(
      '--grace <s>',
      'on Slurm: seconds before the time limit at which a unit saves what it has; 120 unless given',
      parseWhole(1),
    )
    .option('--limn <words>', 'on Slurm: how limn is called on a node; as here unless given')
    .option('--image <name>', "on Kubernetes: the container's image; limn unless given")
    .option('--volume <claim>', "on Kubernetes: the volume claim of the plan's folder; limn unless given")
    .option('--wait', 'on Slurm: follow the units to their end, as is done unless --detach is given')
    .option('--detach', 'on Slurm: submit the units and end')
    .option('--dry-run', 'on a cluster: write what would be submitted, into -o FOLDER');
}
