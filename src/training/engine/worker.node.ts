import { parentPort, workerData } from 'node:worker_threads';
import { failureOf } from '../../common/failure.ts';
import { serialQueue } from '../../runtime/queue.ts';
import { buffersOf } from '../../runtime/tensors.ts';
import { type Member, openMember } from './member.node.ts';
import type { Assignment, EngineCommand, EngineReply } from './order.ts';

/* The script of one thread of an engine, driven by orders. The other end is thread.node.ts. */

const port = parentPort!;

const answer = (message: EngineReply): void =>
  port.postMessage(message, message.kind === 'outputs' ? buffersOf(message.outputs) : []);

const failed = (error: unknown): void => answer(failureOf(error));

async function obey(member: Member, order: EngineCommand): Promise<EngineReply> {
  switch (order.kind) {
    case 'pass':
      return { kind: 'outputs', outputs: await member.pass(order) };
    case 'update':
      return { kind: 'outcome', outcome: member.update(order.steps) };
    case 'test':
      return { kind: 'outputs', outputs: await member.test(order.net, order.inputs) };
    case 'close':
      await member.close();
      return { kind: 'done' };
  }
}

try {
  const member = await openMember(workerData as Assignment);
  const queue = serialQueue();
  answer({ kind: 'done' });
  port.on('message', (order: EngineCommand) =>
    queue(async () => {
      await obey(member, order).then(answer, failed);
      if (order.kind === 'close') port.close();
    }),
  );
} catch (error) {
  failed(error);
}
