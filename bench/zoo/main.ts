import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { measure, type NetworkRecord, type Outcome } from './measure.ts';
import { networksPage } from './page.ts';

const help = `npm run zoo -- [REGEXP] [--folder FOLDER] [--write]

Exports image classifiers of torchvision, timm and Hugging Face by both of PyTorch's exporters (in small configurations, with
seeded weights), imports every file, and holds scores and gradients to float64 PyTorch and explanations to themselves.
What the same commit has measured before is not measured again.
  REGEXP     only networks whose names match
  --folder   where exports are kept, each made once; node_modules/.cache/limn-zoo unless given
  --list     say what was measured before, by whichever build, without exporting anything
  --write    write docs/reference/networks.md
It needs torch, torchvision, timm, transformers and onnxscript: PYTHON=… says in which Python, else python3.
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    folder: { type: 'string', default: 'node_modules/.cache/limn-zoo' },
    write: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  process.stdout.write(help);
  process.exit(0);
}
const folder = resolve(values.folder);
const pattern = positionals[0] ?? '';

const build = sourceCommit();
const refused = values.list ? [] : exportAll();
const results: { record: NetworkRecord; outcomes: readonly Outcome[] }[] = [];
for (const name of networks()) {
  const record: NetworkRecord = JSON.parse(readFileSync(join(folder, name, 'record.json'), 'utf8'));
  if (values.list && !existsSync(resultFile(name))) continue;
  const before: Outcome[] = existsSync(resultFile(name))
    ? JSON.parse(readFileSync(resultFile(name), 'utf8'))
    : [];
  const outcomes = values.list || isCurrent(record, before) ? before : await measuredOf(record, name);
  results.push({ record, outcomes });
  for (const outcome of outcomes) process.stdout.write(`${name} ${JSON.stringify(outcome)}\n`);
}
const all = results.flatMap(({ outcomes }) => outcomes);
const agreed = all.filter(({ problem }) => problem === undefined);
process.stdout.write(`${agreed.length} of ${all.length} files import, agree and explain\n`);
if (values.write) writeFileSync('docs/reference/networks.md', networksPage(results));
for (const line of refused) process.stdout.write(`${line}\n`);

/** Whether this very build has measured all files of a network: then an interrupted call goes on behind it. */
function isCurrent({ files }: NetworkRecord, before: readonly Outcome[]): boolean {
  const known = (file: string) => before.some((each) => each.file === file && each.build === build);
  return !build.endsWith('+') && files.every(({ file }) => known(file));
}

function resultFile(name: string): string {
  return join(folder, name, 'outcomes.json');
}

function networks(): string[] {
  if (!existsSync(folder)) return [];
  const isMade = (name: string) => existsSync(join(folder, name, 'record.json'));
  return readdirSync(folder).filter((name) => isMade(name) && new RegExp(pattern).test(name));
}

async function measuredOf(record: NetworkRecord, name: string): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const file of record.files) {
    outcomes.push({ ...(await measure(join(folder, name), record, file)), build });
  }
  writeFileSync(resultFile(name), JSON.stringify(outcomes));
  return outcomes;
}

/** The commit that last changed what is measured, with a plus sign where files differ from it. */
function sourceCommit(): string {
  const git = (...words: string[]) => execFileSync('git', words, { encoding: 'utf8' }).trim();
  const commit = git('log', '-1', '--format=%h', '--', 'src');
  return git('status', '--porcelain', '--', 'src') === '' ? commit : `${commit}+`;
}

/** Makes what is not there yet; what cannot be made, as lines. */
function exportAll(): string[] {
  const python = process.env.PYTHON ?? 'python3';
  const { stdout, error } = spawnSync(python, [resolve('bench/zoo/export.py'), folder, pattern], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
    maxBuffer: 2 ** 26,
  });
  if (error) return [`nothing is exported: ${python} is not there (PYTHON=… says which to use)`];
  const lines: Record<string, string>[] = stdout
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
  return lines.flatMap(({ missing, failed, reason }) => {
    if (missing) return [`nothing is exported: ${missing} (PYTHON=… says which Python has it)`];
    return failed ? [`${failed} is not exported: ${reason}`] : [];
  });
}
