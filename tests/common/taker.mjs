// A process that wants a lock, names a worker in it, tells that to begin and is killed, as a runner of units may be:
//   node taker.mjs LIBRARY FOLDER MS    killed so many milliseconds after it has the lock, or once the worker has begun (without MS)
// The worker notes in `notes` that it works, and whether another one works at the same time; it outlives whoever began it.
import { spawn } from 'node:child_process';

const [, , library, dir, moment] = process.argv;
const { takeLock } = await import(library);
const worker =
  'read go || exit; mkdir busy 2>/dev/null || echo TWICE >>notes; echo work >>notes; sleep 0.03; rmdir busy';
const die = () => process.kill(process.pid, 'SIGKILL');

let lock;
const sightings = new Map();
while (!lock) lock = await takeLock(`${dir}/lock`, sightings);
if (moment) setTimeout(die, Number(moment));
const child = spawn('sh', ['-c', worker], {
  cwd: dir,
  stdio: ['pipe', 'ignore', 'ignore'],
  detached: true,
});
await lock.work(child.pid);
child.stdin.write('go\n', () => moment || die());
