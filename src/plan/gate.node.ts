import { isMainThread } from 'node:worker_threads';
import { beatFor, beatOnce, beatRegularly } from '../common/lock.node.ts';
import type { LockRef } from '../common/lockref.ts';

// Loaded into a unit's process before its own program (node --import). The program begins only when the runner says so, which it does
// once the unit's lock names this process; and it is told to stop when the runner is gone, however that ended. Until it
// has stopped, it shows the signs of life that keep the lock from others, and ends at once should it be lost all the same. So
// nothing ever works on a unit that nobody answers for.
const { channel } = process;
if (isMainThread && channel) {
  const lock = await new Promise<LockRef>((resolve) => {
    process.once('message', (ref) => resolve(ref as LockRef));
    process.once('disconnect', () => process.exit(75));
  });
  process.removeAllListeners('disconnect');
  process.on('disconnect', () => {
    const beat = () => beatFor(lock);
    const end = () => process.kill(process.pid, 'SIGKILL');
    void beatOnce(beat, end);
    beatRegularly(beat, end).unref();
    process.kill(process.pid, 'SIGINT');
  });
  // It must not keep the program from ending.
  channel.unref();
}
