// What a unit may be, without any training: run by the executor in place of limn, with the path of its unit.json, whose
// request has one of these as `command`.
//   write FILE            writes it
//   nothing               succeeds without writing anything
//   fail CODE WORDS…      says them and ends with the code
//   die SIGNAL            ends itself by a signal
//   once CODE FILE        ends with the code the first time, then writes the file
//   stay                  does nothing, whatever it is asked
//   train FOLDER STEPS MS [--snapshot]  a step every so often; a snapshot after each, from which it goes on
// Each but the last notes in `journal` what it does, and that no other process does the same at the same time.
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const [what, ...rest] = JSON.parse(readFileSync(process.argv[2], 'utf8')).request.command;
const note = (line) => appendFileSync('journal', `${line}\n`);

const alive = (pid) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** Says that this process works here; a second one that lives is noted. */
function claim(folder) {
  mkdirSync(folder, { recursive: true });
  const file = join(folder, 'busy');
  if (existsSync(file) && alive(Number(readFileSync(file, 'utf8')))) note(`TWICE ${folder}`);
  writeFileSync(file, String(process.pid));
  return () => rmSync(file, { force: true });
}

async function train(folder, steps, ms, resumed) {
  const leave = claim(dirname(folder));
  mkdirSync(folder, { recursive: true });
  const snapshots = readdirSync(folder).filter((name) => name.endsWith('.limnstate'));
  if (resumed !== snapshots.length > 0) note(`WRONG ${folder} ${resumed} ${snapshots.length}`);
  const from = Math.max(0, ...snapshots.map((name) => Number.parseInt(name, 10)));
  note(`start ${folder} ${from}`);
  let stop = false;
  process.on('SIGINT', () => {
    if (stop) note(`INTERRUPTED AGAIN ${folder}`);
    stop = true;
  });
  for (let i = from + 1; i <= steps; i++) {
    await sleep(ms);
    appendFileSync(
      join(folder, 'log.jsonl'),
      `${JSON.stringify({ event: 'train', iteration: i, loss: 1 / i })}\n`,
    );
    writeFileSync(join(folder, `${i}.limnstate`), '');
    if (stop) {
      note(`stop ${folder} ${i}`);
      leave();
      process.exit(130);
    }
  }
  writeFileSync(join(folder, 'weights'), 'w');
  note(`end ${folder}`);
  leave();
}

const actions = {
  write: async ([file, ms = '0']) => {
    const leave = claim(dirname(file));
    await sleep(Number(ms));
    writeFileSync(file, 'written');
    note(`write ${file}`);
    leave();
  },
  nothing: () => {},
  fail: ([code, ...words]) => {
    note(`fail ${code}`);
    console.error('something else\nlimn: %s\nthe end', words.join(' '));
    process.exit(Number(code));
  },
  die: async ([signal]) => {
    note(`die ${signal}`);
    process.kill(process.pid, signal);
    await sleep(10_000);
  },
  stay: async () => {
    process.on('SIGINT', () => note('asked'));
    note('stay');
    await sleep(100_000);
  },
  once: ([code, file]) => {
    const first = !existsSync(`${file}.tried`);
    writeFileSync(`${file}.tried`, '');
    if (first) process.exit(Number(code));
    writeFileSync(file, 'written');
  },
  train: ([folder, steps, ms, flag]) => train(folder, Number(steps), Number(ms), flag === '--snapshot'),
};
await actions[what](rest);
