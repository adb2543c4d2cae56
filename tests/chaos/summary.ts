import type { Verdict } from './trial.ts';

export interface TrialRow {
  readonly subject: string;
  readonly disturbance: string;
  readonly verdict: Verdict;
}

/** How trials went: a line each with how the command ended and what it said, the counts of each subject, and all faults. */
export function summary(trials: readonly TrialRow[]): string {
  const width = (of: (row: TrialRow) => string) => Math.max(0, ...trials.map((row) => of(row).length));
  const [first, second] = [width(({ subject }) => subject), width(({ disturbance }) => disturbance)];
  const rows = trials.map(({ subject, disturbance, verdict: { ends, said, fault } }) => {
    const verdict = fault === undefined ? 'the same' : 'FAULT';
    const cells = [subject.padEnd(first), disturbance.padEnd(second), ends.join(' ').padEnd(8), verdict];
    return [...cells, said.join(' · ').replaceAll(/\s+/g, ' ').slice(0, 300)].join('  ').trimEnd();
  });
  const subjects = [...new Set(trials.map(({ subject }) => subject))].map((subject) => {
    const own = trials.filter((trial) => trial.subject === subject);
    return `${subject.padEnd(first)}  ${counted(own)}; ended by ${ways(own)}`;
  });
  const faults = trials.flatMap(({ subject, disturbance, verdict: { fault } }) =>
    fault === undefined ? [] : [`${subject}, ${disturbance}: ${fault}`],
  );
  return [...rows, '', ...subjects, '', `${counted(trials)} in all`, ...faults].join('\n');
}

function counted(trials: readonly TrialRow[]): string {
  const faults = trials.filter(({ verdict }) => verdict.fault !== undefined).length;
  return `${trials.length} trials, ${faults} faults`;
}

/** How often processes ended in each way: `0 (12), 1 (3), SIGKILL (7)`. */
function ways(trials: readonly TrialRow[]): string {
  const counts = new Map<string, number>();
  for (const end of trials.flatMap(({ verdict }) => verdict.ends)) {
    counts.set(`${end}`, (counts.get(`${end}`) ?? 0) + 1);
  }
  return [...counts]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([end, count]) => `${end} (${count})`)
    .join(', ');
}
