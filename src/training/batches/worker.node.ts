import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../../common/failure.ts';
import { buffersOf } from '../../runtime/tensors.ts';
import { type BatchRecipe, openAssembler } from './assemble.node.ts';
import type { BatchCommand, BatchReply } from './workers.node.ts';

/* The script of a thread that makes batches, one for each order. The other end is workers.node.ts. */

const port = parentPort!;

const answer = (message: BatchReply): void =>
  port.postMessage(message, message.kind === 'done' ? buffersOf(message.batch) : []);

const failed = (error: unknown): void => answer(failureOf(error));

try {
  const assembler = await openAssembler(workerData as readonly BatchRecipe[]);
  answer({ kind: 'done', batch: {} });
  port.on('message', async ({ k, spare }: BatchCommand) => {
    try {
      answer({ kind: 'done', batch: await assembler.batch(k, spare) });
    } catch (error) {
      failed(error);
    }
  });
} catch (error) {
  failed(error);
}
