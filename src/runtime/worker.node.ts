import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../common/failure.ts';
import { loadHere } from './onnxruntime.node.ts';
import { buffersOf } from './tensors.ts';
import type { SessionAssignment, SessionCommand, SessionReply } from './thread.node.ts';

/* The script of a worker thread: one session, driven by orders. The other end is thread.node.ts. */

const port = parentPort!;
const { model, options } = workerData as SessionAssignment;

const answer = (message: SessionReply): void =>
  port.postMessage(message, message.kind === 'done' ? buffersOf(message.outputs) : []);

const failed = (error: unknown): void => answer(failureOf(error));

try {
  const session = await loadHere(model, options);
  answer({ kind: 'done', outputs: {} });
  // A session does one thing after the other, so the answers come in the order of the orders.
  port.on('message', async (order: SessionCommand) => {
    try {
      if (order.kind === 'run')
        return answer({ kind: 'done', outputs: await session.run(order.inputs, order.outputs) });
      await session.release();
      answer({ kind: 'done', outputs: {} });
      port.close();
    } catch (error) {
      failed(error);
    }
  });
} catch (error) {
  failed(error);
}
