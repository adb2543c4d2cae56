import { isMainThread } from 'node:worker_threads';

// Loaded into a unit's process before its own program (node --import). The program begins only when the runner says so, which it does
// once the unit's lock names this process; and it is told to stop when the runner is gone, however that ended. So
// nothing ever works on a unit that nobody answers for.
const { channel } = process;
if (isMainThread && channel) {
  await new Promise<void>((resolve) => {
    process.once('message', () => resolve());
    process.once('disconnect', () => process.exit(75));
  });
  process.removeAllListeners('disconnect');
  process.on('disconnect', () => process.kill(process.pid, 'SIGINT'));
  // It must not keep the program from ending.
  channel.unref();
}
