import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';

// Debian keeps daemons where not every user's PATH leads.
const path = `${process.env.PATH}:/usr/sbin:/sbin`;

/** Slurm's and munge's programs that are missing on this machine. */
export const missingOfSlurm = [
  'munged',
  'slurmctld',
  'slurmd',
  'sbatch',
  'squeue',
  'scontrol',
  'scancel',
].filter((program) => !path.split(':').some((folder) => existsSync(join(folder, program))));

/** A Slurm of two nodes on this machine, with daemons, ports and files of its own. */
export interface Slurm {
  /** What programs must have in their environment to talk to it. */
  readonly env: Readonly<Record<string, string>>;
  /** Calls one of Slurm's programs. */
  call(program: string, ...args: string[]): string;
  startNode(name: string): void;
  /** Kills a node's daemon and all that it started, as a power cut does. */
  killNode(name: string): void;
  stop(): void;
}

/** Starts one controller and the nodes n1 and n2, each with two processors, in an empty folder. */
export async function startSlurm(folder: string): Promise<Slurm> {
  const at = (name: string) => join(folder, name);
  const [controller, first, second] = await freePorts(3);
  for (const name of ['state', 'n1', 'n2', 'log']) mkdirSync(at(name));
  mkdirSync(at('munge'), { mode: 0o700 });
  writeFileSync(at('munge/key'), randomBytes(64), { mode: 0o400 });
  const host = hostname();
  const node = (name: string, port: number) =>
    `NodeName=${name} NodeHostname=${host} NodeAddr=127.0.0.1 Port=${port} CPUs=2 RealMemory=1000 State=UNKNOWN`;
  const user = userInfo().username;
  writeFileSync(
    at('slurm.conf'),
    `ClusterName=limn
SlurmctldHost=${host}(127.0.0.1)
SlurmctldPort=${controller}
SlurmUser=${user}
SlurmdUser=${user}
AuthType=auth/munge
# Requeued jobs wait until their old credentials are void.
AuthInfo=socket=${at('munge/socket')},cred_expire=5
StateSaveLocation=${at('state')}
SlurmdSpoolDir=${at('%n')}
SlurmctldPidFile=${at('slurmctld.pid')}
SlurmdPidFile=${at('%n.pid')}
SlurmctldLogFile=${at('log/slurmctld')}
SlurmdLogFile=${at('log/%n')}
SlurmdParameters=config_overrides
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU,CR_LLN
SchedulerParameters=sched_interval=2,sched_min_interval=0,batch_sched_delay=0
MpiDefault=none
ReturnToService=2
SlurmdTimeout=10
KillWait=5
AccountingStorageType=accounting_storage/none
${node('n1', first)}
${node('n2', second)}
PartitionName=main Nodes=n1,n2 Default=YES State=UP
`,
  );
  const env = { PATH: path, SLURM_CONF: at('slurm.conf') };
  const call = (program: string, ...args: string[]) =>
    execFileSync(program, args, { env: { ...process.env, ...env }, encoding: 'utf8' });
  const startNode = (name: string) => void call('slurmd', '-N', name);
  const munge = ['key', 'socket', 'pid', 'log', 'seed'].map(
    (name) => `--${name}${name === 'socket' ? '' : '-file'}=${at(`munge/${name}`)}`,
  );
  call('munged', '--force', ...munge);
  call('slurmctld');
  for (const name of ['n1', 'n2']) startNode(name);
  const pidIn = (name: string) => (existsSync(at(name)) ? [Number(readFileSync(at(name), 'utf8'))] : []);
  const killNode = (name: string) => {
    const all = processes();
    // Whoever watches a job has no node in its name, but the script has.
    const watchers = all.filter(({ words }) => words.includes(`${at(name)}/job`)).map(({ parent }) => parent);
    killTrees(all, [...pidIn(`${name}.pid`), ...watchers.filter((pid) => pid > 1)]);
  };
  return {
    env,
    call,
    startNode,
    killNode,
    stop() {
      for (const name of ['n1', 'n2']) killNode(name);
      killTrees(processes(), [...pidIn('slurmctld.pid'), ...pidIn('munge/pid')]);
    },
  };
}

interface Process {
  readonly pid: number;
  readonly parent: number;
  readonly words: string;
}

function processes(): Process[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      try {
        const stat = readFileSync(`/proc/${name}/stat`, 'utf8');
        const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
        const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ');
        return [{ pid: Number(name), parent, words }];
      } catch {
        // It has ended meanwhile.
        return [];
      }
    });
}

/** Kills processes and all that they started, of those that are there. */
function killTrees(all: readonly Process[], roots: readonly number[]): void {
  for (const pid of roots) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      continue;
    }
    killTrees(
      all,
      all.filter(({ parent }) => parent === pid).map((each) => each.pid),
    );
  }
}

/** Ports that nobody listens at. */
async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<Server>((resolve) => {
          const server = createServer().listen(0, '127.0.0.1', () => resolve(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  for (const server of servers) server.close();
  return ports;
}
