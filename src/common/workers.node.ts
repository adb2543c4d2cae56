import { Worker } from 'node:worker_threads';
import { loadingOptions } from './modules.node.ts';

/** A worker thread that loads its modules as this one does. */
export function startWorker(script: URL, workerData: unknown): Worker {
  const options = loadingOptions();
  return new Worker(script, { workerData, ...(options && { execArgv: [...options] }) });
}
